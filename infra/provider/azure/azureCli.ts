import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type AzureCloud, cloudNamed } from "./azureCloud";
import { howToSet } from "./azureSettings";

/** The account of the Azure CLI that `az account show` tells of. */
export interface CliAccount {
    /** Name of its cloud, such as `AzureCloud`. */
    readonly environmentName: string;
    readonly subscriptionId: string;
    readonly tenantId: string;
}

/**
 * The cloud that the Azure CLI is signed in to, which is where its tokens are good; azure-native takes it as well where no
 * cloud is configured, and refuses another one (`NewAzCoreIdentity` in its auth_azidentity.go). Throws a sentence where
 * `configured` is another one.
 */
export function azureCliCloud({ environmentName: name }: CliAccount, configured?: AzureCloud): AzureCloud {
    const active = cloudNamed(name);
    if (active && (!configured || configured.authorityHost === active.authorityHost))
        return configured ?? active;
    if (configured) {
        throw new Error(
            `Expected the Azure CLI to work in the cloud of ${configured.authorityHost}, as configured, found it in ` +
                `"${name}". Change it with: az cloud set --name CLOUD, then: az login`,
        );
    }
    throw new Error(
        `Expected the Azure CLI to work in a cloud of Microsoft's, found it in "${name}". ${howToSet("metadataHost")} ` +
            "Sign in there with an application.",
    );
}

/** The account of a subscription, or the active one. Throws a sentence where nobody is signed in. */
export async function azureCliAccount(subscriptionId?: string): Promise<CliAccount> {
    if (subscriptionId && !/^[\w.-]+$/.test(subscriptionId)) {
        throw new Error(
            `Expected the id of a subscription, found "${subscriptionId}". ${howToSet("subscriptionId")}`,
        );
    }
    const subscription = subscriptionId ? ["--subscription", subscriptionId] : [];
    const args = ["account", "show", "--output", "json", ...subscription];
    // On Windows `az` is a batch file, which only a shell starts.
    const shell = process.platform === "win32";
    const { stdout } = await promisify(execFile)("az", args, { shell }).catch((cause) => {
        throw new Error(
            `Expected somebody to be signed in at the Azure CLI, found: ${reasonOf(cause)} Sign in with: az login`,
            { cause },
        );
    });
    try {
        const { environmentName, id, tenantId } = JSON.parse(stdout);
        return { environmentName: String(environmentName), subscriptionId: id, tenantId };
    } catch (cause) {
        throw new Error("Expected az account show to answer JSON, found none. Update the Azure CLI.", {
            cause,
        });
    }
}

function reasonOf({ code, stderr, message }: { code?: unknown; stderr?: string; message: string }): string {
    // EACCES: none, and a folder of the path that this user may not enter.
    if (code === "ENOENT" || code === "EACCES") return "no az on the path.";
    const line = (stderr || message).trim().split("\n")[0] ?? "";
    return /[.!?]$/.test(line) ? line : `${line}.`;
}
