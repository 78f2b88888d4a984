import { delimiter } from "node:path";
import { pathToFileURL } from "node:url";
import { withoutProxyToSelf } from "../../setup/proxies";
import { subscriptionId } from "../arm/armResource";
import { federatedTokenFile, folderVariable } from "../endpoints";
import { clientId, tenantId } from "../planes/entra/tenant";
import type { StackFolder } from "./stackFolder";

/** The variables that make plain `pulumi` work on the local Azure, and those that would lead it elsewhere. */
export interface Environment {
    readonly set: Record<string, string>;
    readonly unset: string[];
}

/**
 * The environment of a local stack: its own home, state and passphrase, no look-up of updates or plugins, trust in the
 * local certificate authority, and the local Azure as the cloud to sign in to, by a file that only its owner may read.
 * Every variable of another Azure or Pulumi account is taken out, and no proxy is asked for what is on this machine.
 */
export function localEnvironment(
    stack: StackFolder,
    engineFolder: string,
    managementUrl: string,
    current: NodeJS.ProcessEnv,
): Environment {
    const proxies = withoutProxyToSelf(current);
    const set: Record<string, string> = {
        PATH: [`${engineFolder}/bin`, current.PATH].filter(Boolean).join(delimiter),
        PULUMI_HOME: stack.pulumiHome,
        // Without the sidecars of attributes: they are not replaced at once as the state is, and a death while one is
        // written leaves it empty and the state unreadable ("failed to load checkpoint: EOF").
        PULUMI_BACKEND_URL: `${pathToFileURL(stack.state)}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE_FILE: stack.passphraseFile,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
        // Types are checked by `npm run check`; loading the program takes half the time without.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        NODE_EXTRA_CA_CERTS: stack.caBundle,
        [folderVariable]: stack.azure,
        ARM_METADATA_HOSTNAME: new URL(managementUrl).host,
        ARM_SUBSCRIPTION_ID: subscriptionId,
        ARM_TENANT_ID: tenantId,
        ARM_CLIENT_ID: clientId,
        ARM_USE_OIDC: "true",
        ARM_OIDC_TOKEN_FILE_PATH: federatedTokenFile(stack.azure),
        ...proxies.set,
    };
    // Node warns in each process where NODE_TLS_REJECT_UNAUTHORIZED is 0, and here all are trusted by their authority.
    const foreign = /^(ARM_|AZURE_|PULUMI_)|^NODE_TLS_REJECT_UNAUTHORIZED$/;
    const taken = Object.keys(current).filter((name) => foreign.test(name));
    const unset = [...new Set([...taken, ...proxies.unset])].filter((name) => !(name in set));
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
