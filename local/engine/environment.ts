import { delimiter } from "node:path";
import { folderVariable } from "../endpoints";
import type { StackFolder } from "./stackFolder";

/** The variables that make plain `pulumi` work on the local Azure, and those that would lead it elsewhere. */
export interface Environment {
    readonly set: Record<string, string>;
    readonly unset: string[];
}

/**
 * The environment of a local stack: its own home, state and passphrase, no look-up of updates or plugins, trust in the
 * local certificate authority. Every variable of another Azure or Pulumi account is taken out.
 */
export function localEnvironment(
    stack: StackFolder,
    engineFolder: string,
    current: NodeJS.ProcessEnv,
): Environment {
    const set: Record<string, string> = {
        PATH: [`${engineFolder}/bin`, current.PATH].filter(Boolean).join(delimiter),
        PULUMI_HOME: stack.pulumiHome,
        PULUMI_BACKEND_URL: `file://${stack.state}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: stack.passphraseFile,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
        // Types are checked by `npm run check`; loading the program takes half the time without.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        NODE_EXTRA_CA_CERTS: stack.caBundle,
        [folderVariable]: stack.azure,
    };
    const unset = Object.keys(current).filter(
        (name) => /^(ARM_|AZURE_|PULUMI_)/.test(name) && !(name in set),
    );
    return { set, unset };
}

/** The environment for a child process. */
export function childEnvironment({ set, unset }: Environment, current: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const env = { ...current, ...set };
    for (const name of unset) delete env[name];
    return env;
}

/** The environment as lines for `eval` in a POSIX shell. */
export function shellLines({ set, unset }: Environment): string {
    const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
    return [
        ...unset.map((name) => `unset ${name}`),
        ...Object.entries(set).map(([name, value]) => `export ${name}=${quote(value)}`),
    ].join("\n");
}
