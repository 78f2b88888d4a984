/** The endpoints of one Azure cloud. */
export interface AzureCloud {
    /** Origin of Azure Resource Manager. */
    readonly resourceManager: string;
    /** What a token for Azure Resource Manager is issued for, without a slash at the end. */
    readonly audience: string;
    /** Origin of Microsoft Entra. */
    readonly authorityHost: string;
}

const publicCloud: AzureCloud = {
    resourceManager: "https://management.azure.com",
    audience: "https://management.azure.com",
    authorityHost: "https://login.microsoftonline.com",
};

/** Whom azure-native asks for the endpoints of the clouds that ARM_ENVIRONMENT names. */
const metadataHosts: Readonly<Record<string, string>> = {
    usgovernment: "management.usgovcloudapi.net",
    china: "management.chinacloudapi.cn",
};

/** What was asked for once; a cloud's endpoints do not change while a command runs. */
const known = new Map<string, AzureCloud>();

/** The version that azure-native asks for (cloud.go, `FromMetadataEndpoint`). */
const metadataVersion = "2022-09-01";

interface Metadata {
    resourceManager?: string;
    authentication?: { loginEndpoint?: string; audiences?: string[] };
}

/**
 * The cloud that the azure-native provider of the same shell works in: ARM_METADATA_HOSTNAME names where its endpoints
 * are asked for, otherwise ARM_ENVIRONMENT names it; with neither it is the public one. A dynamic provider has no entry
 * file that could read them for it.
 */
export async function azureCloud(env = process.env): Promise<AzureCloud> {
    const host = env.ARM_METADATA_HOSTNAME || metadataHosts[env.ARM_ENVIRONMENT ?? ""];
    if (!host) return publicCloud;
    const cloud = known.get(host) ?? (await endpointsFrom(host));
    known.set(host, cloud);
    return cloud;
}

async function endpointsFrom(host: string): Promise<AzureCloud> {
    const url = `https://${host.replace(/^https:\/\//, "")}/metadata/endpoints?api-version=${metadataVersion}`;
    const { resourceManager, authentication } = await ask(url);
    const audience = authentication?.audiences?.[0];
    if (!resourceManager || !authentication?.loginEndpoint || !audience) {
        throw new Error(
            `Expected ${url} to name resourceManager, authentication.loginEndpoint and authentication.audiences, ` +
                "found at least one missing. Check ARM_METADATA_HOSTNAME.",
        );
    }
    return {
        resourceManager: withoutSlash(resourceManager),
        audience: withoutSlash(audience),
        authorityHost: withoutSlash(authentication.loginEndpoint),
    };
}

async function ask(url: string): Promise<Metadata> {
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
        if (!response.ok) throw new Error(`status ${response.status}`);
        return (await response.json()) as Metadata;
    } catch (cause) {
        const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
        throw new Error(
            `Expected the endpoints of the Azure cloud at ${url}, found: ${reason instanceof Error ? reason.message : reason}. ` +
                "Check ARM_METADATA_HOSTNAME and ARM_ENVIRONMENT.",
            { cause },
        );
    }
}

function withoutSlash(url: string): string {
    return url.replace(/\/+$/, "");
}
