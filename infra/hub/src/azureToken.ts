import type { TokenCredential } from "@azure/identity";
import type { AzureCloud } from "./azureCloud";

/** Where Entra's own instance discovery answers for the authority; any other is of a private cloud. */
const discoverable = [
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.chinacloudapi.cn",
    "https://login.partner.microsoftonline.cn",
];

/** One credential a cloud: it remembers its tokens until shortly before they expire. */
const credentials = new Map<string, TokenCredential>();

/**
 * A token of Entra for `resource` (such as `https://iothubs.azure.net`), as whoever deploys: the service principal of
 * ARM_CLIENT_SECRET where azure-native uses one, otherwise what DefaultAzureCredential finds (AZURE_* variables, a
 * federated token, a managed identity, `az login`).
 */
export async function azureToken(cloud: AzureCloud, resource: string, env = process.env): Promise<string> {
    const credential = credentials.get(cloud.authorityHost) ?? newCredential(cloud, env);
    credentials.set(cloud.authorityHost, credential);
    const scope = `${resource}/.default`;
    const token = await credential.getToken(scope).catch((cause: unknown) => {
        throw new Error(
            `Expected ${cloud.authorityHost} to issue a token for ${resource}, found: ${reasonOf(cause)} ` +
                "Sign in with: az login",
            { cause },
        );
    });
    if (token) return token.token;
    throw new Error(`Expected a token for ${scope}, found none. Sign in with: az login`);
}

function newCredential({ authorityHost }: AzureCloud, env: NodeJS.ProcessEnv): TokenCredential {
    // Loaded here, so that whoever works with keys does not wait for it.
    const { ClientSecretCredential, DefaultAzureCredential } =
        require("@azure/identity") as typeof import("@azure/identity");
    const options = { authorityHost, disableInstanceDiscovery: !discoverable.includes(authorityHost) };
    const { ARM_TENANT_ID: tenant, ARM_CLIENT_ID: client, ARM_CLIENT_SECRET: secret } = env;
    if (tenant && client && secret) return new ClientSecretCredential(tenant, client, secret, options);
    return new DefaultAzureCredential(options);
}

/**
 * What is worth reading of a failed sign-in: Entra's refusal where it came to one; otherwise, of all the ways that were
 * not open, the one that most people take.
 */
function reasonOf(error: unknown): string {
    const tried = (error as { errors?: Error[] }).errors ?? [];
    const telling =
        tried.find(({ name }) => name !== "CredentialUnavailableError") ??
        tried.find(({ message }) => message.includes("Azure CLI")) ??
        error;
    const message = telling instanceof Error ? telling.message : String(telling);
    const [line = ""] = /AADSTS\d+: .+?(?= - |$)/m.exec(message) ?? message.split("\n");
    return /[.!?]$/.test(line) ? line : `${line}.`;
}
