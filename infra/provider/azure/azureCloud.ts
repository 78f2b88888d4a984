import { type AzureSettings, howToSet } from "./azureSettings";

/** The endpoints of one Azure cloud. */
export interface AzureCloud {
    /** Origin of Azure Resource Manager. */
    readonly resourceManager: string;
    /** What a token for Azure Resource Manager is issued for, without a slash at the end. */
    readonly audience: string;
    /** Origin of Microsoft Entra. */
    readonly authorityHost: string;
}

/** The cloud where nothing names another one. */
export const publicCloud: AzureCloud = {
    resourceManager: "https://management.azure.com",
    audience: "https://management.azure.com",
    authorityHost: "https://login.microsoftonline.com",
};

/** Endpoints as the Azure SDK for Go has them (azcore: cloud/cloud.go, arm/runtime/runtime.go), which azure-native uses. */
const usGovernment: AzureCloud = {
    resourceManager: "https://management.usgovcloudapi.net",
    audience: "https://management.core.usgovcloudapi.net",
    authorityHost: "https://login.microsoftonline.us",
};
const china: AzureCloud = {
    resourceManager: "https://management.chinacloudapi.cn",
    audience: "https://management.core.chinacloudapi.cn",
    authorityHost: "https://login.chinacloudapi.cn",
};

/** The names that azure-native knows (`FromName` in its cloud.go), in lower case; those of the Azure CLI are among them. */
const clouds: Readonly<Record<string, AzureCloud>> = {
    public: publicCloud,
    azurecloud: publicCloud,
    china,
    azurechinacloud: china,
    usgov: usGovernment,
    usgovernment: usGovernment,
    azureusgovernment: usGovernment,
    azureusgovernmentcloud: usGovernment,
    usgovernmentl4: usGovernment,
};

/** The cloud of a name such as `usgovernment` or `AzureUSGovernment`. */
export function cloudNamed(name: string): AzureCloud | undefined {
    return clouds[name.toLowerCase()];
}

/**
 * The cloud that the settings name: metadataHost says where its endpoints are asked for, otherwise environment names it.
 * Undefined where neither is set; throws a sentence for a name that azure-native does not know either.
 */
export async function configuredCloud(settings: AzureSettings): Promise<AzureCloud | undefined> {
    const { metadataHost, environment } = settings;
    if (metadataHost) return endpointsFrom(metadataHost);
    if (!environment) return undefined;
    const cloud = cloudNamed(environment);
    if (cloud) return cloud;
    throw new Error(
        `Expected environment to be public, usgovernment or china, found "${environment}". ${howToSet("environment")} ` +
            `Any other cloud is named by its metadataHost. ${howToSet("metadataHost")}`,
    );
}

/** The version that azure-native asks for (cloud.go, `FromMetadataEndpoint`). */
const metadataVersion = "2022-09-01";

interface Metadata {
    resourceManager?: string;
    authentication?: { loginEndpoint?: string; audiences?: string[] };
}

async function endpointsFrom(host: string): Promise<AzureCloud> {
    const origin = withoutSlash(host.includes("://") ? host : `https://${host}`);
    const url = `${origin}/metadata/endpoints?api-version=${metadataVersion}`;
    const { resourceManager, authentication } = await ask(url);
    const audience = authentication?.audiences?.[0];
    if (!resourceManager || !authentication?.loginEndpoint || !audience) {
        throw new Error(
            `Expected ${url} to name resourceManager, authentication.loginEndpoint and authentication.audiences, ` +
                `found at least one missing. ${howToSet("metadataHost")}`,
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
                howToSet("metadataHost"),
            { cause },
        );
    }
}

function withoutSlash(url: string): string {
    return url.replace(/\/+$/, "");
}
