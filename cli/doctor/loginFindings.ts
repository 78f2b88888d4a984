import type { AzureIdentity, DeployingAccount } from "../../infra/provider/azure/azureAccount";
import { type AzureSettings, azureVariables } from "../../infra/provider/azure/azureSettings";
import { signInMethod } from "../../infra/provider/azure/signInMethod";
import type { StackFile } from "../stackFile";
import { type Finding, failed, good, warning } from "./finding";

/** How an update of the stack signs in, as far as that can be seen from here. */
export interface StackLogin {
    readonly settings: AzureSettings;
    readonly account: DeployingAccount;
    /** Settings that the stack's file has encrypted, which only its passphrase or key opens, and no variable replaces. */
    readonly unread: readonly string[];
    readonly stackFile: StackFile | undefined;
}

/** Signs in as an update will, and says as whom; `identity` is there where Azure can be asked. */
export async function loginFindings(
    login: StackLogin,
): Promise<{ findings: Finding[]; identity?: AzureIdentity }> {
    const { settings, account, unread, stackFile } = login;
    const name = "login";
    if (unread.length > 0) {
        const stand = Object.fromEntries(unread.map((one) => [one, "encrypted"]));
        const { title } = signInMethod({ ...settings, ...stand });
        const variables = unread.map(variableOf).join(", ");
        const found = `by ${title}; ${unread.join(", ")} in ${stackFile?.file} is encrypted, so Azure was not asked`;
        return { findings: [warning(name, found, `Have it asked with ${variables} set for this command`)] };
    }
    try {
        const identity = await account.identity();
        return { findings: [good(name, whose(identity))], identity };
    } catch (error) {
        const { message } = error as Error;
        if (!stackFile?.hasEnvironments) return { findings: [failed(name, message, "See docs/access.md")] };
        const fix = `The environments of ${stackFile.file} may add to it; look again in them: pulumi env run ENVIRONMENT -- npm run edge -- doctor`;
        return { findings: [warning(name, message, fix)] };
    }
}

/** Names of what is encrypted and matters for signing in, where the environment does not have it as well. */
export function unreadSettings(azureSecrets: readonly string[], env: NodeJS.ProcessEnv): string[] {
    return azureVariables
        .filter(
            ({ name, env: variables }) => azureSecrets.includes(name) && !variables.some((one) => env[one]),
        )
        .map(({ name }) => name);
}

function whose({ method, subscriptionId, tenantId, cloud }: AzureIdentity): string {
    const tenant = tenantId ? `, tenant ${tenantId}` : "";
    return `by ${method}: subscription ${subscriptionId}${tenant}, at ${cloud.resourceManager}`;
}

function variableOf(name: string): string {
    return azureVariables.find((one) => one.name === name)?.env[0] ?? name;
}
