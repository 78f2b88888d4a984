import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { ArmRequest } from "../../../../infra/provider/azure/armRequest";
import { projectFolder } from "../../../support/localAzure";

/** What an account of the provider is asked, one after the other. */
export type Question =
    | { readonly resource: string }
    | { readonly arm: ArmRequest }
    | { readonly write: [string, string] };

export interface SignIn {
    readonly config?: Record<string, string>;
    readonly env: NodeJS.ProcessEnv;
    readonly questions: readonly Question[];
}

/** One answer a question; `all` is everything that the process wrote. */
export interface Answers {
    readonly answers: readonly { readonly value?: unknown; readonly error?: string }[];
    readonly all: string;
}

/**
 * Signs in as the provider does: in a process of its own, which trusts an authority by NODE_EXTRA_CA_CERTS and finds
 * `az` on its path. Configuration goes in by standard input. `write` puts a text into a file between two questions.
 */
export async function signIn({ config = {}, env, questions }: SignIn): Promise<Answers> {
    const script = `
        require("tsx/cjs");
        const { readFileSync, writeFileSync } = require("node:fs");
        const { azureAccount } = require("./infra/provider/azure/azureAccount.ts");
        const { readAzureSettings } = require("./infra/provider/azure/azureSettings.ts");
        const { config, questions } = JSON.parse(readFileSync(0, "utf8"));
        const account = azureAccount(readAzureSettings(config, process.env));
        (async () => {
            const answers = [];
            for (const { resource, arm, write } of questions) {
                if (write) writeFileSync(...write);
                else answers.push(await (arm ? account.callArm(arm) : account.token(resource)).then(
                    (value) => ({ value }),
                    (error) => ({ error: error.message }),
                ));
            }
            console.log(JSON.stringify(answers));
        })();`;
    const child = spawn(process.execPath, ["-e", script], { cwd: projectFolder, env });
    child.stdin.end(JSON.stringify({ config, questions }));
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    if (child.exitCode !== 0) throw new Error(`Expected the process to end well, found: ${errors}`);
    return { answers: JSON.parse(out), all: out + errors };
}

/** This process's environment without any account that it might be signed in with. */
export function withoutAccounts(added: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const foreign = /^(ARM_|AZURE_|ACTIONS_|IDENTITY_|MSI_|IMDS_|HTTPS?_PROXY$|ALL_PROXY$)/i;
    return {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
        ...added,
    };
}
