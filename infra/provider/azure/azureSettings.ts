/** How one signs in to Azure, and in which cloud: azure-native's settings under its own names. */
export interface AzureSettings {
    /** Leads the Azure CLI to its account; nothing else needs it, since every id that we ask for is complete. */
    readonly subscriptionId?: string;
    readonly tenantId?: string;
    readonly clientId?: string;
    readonly clientSecret?: string;
    readonly clientCertificatePath?: string;
    readonly clientCertificatePassword?: string;
    readonly useOidc?: boolean;
    readonly oidcToken?: string;
    readonly oidcTokenFilePath?: string;
    readonly oidcRequestUrl?: string;
    readonly oidcRequestToken?: string;
    readonly oidcAudience?: string;
    readonly useMsi?: boolean;
    readonly useDefaultAzureCredential?: boolean;
    readonly environment?: string;
    readonly metadataHost?: string;
    readonly disableInstanceDiscovery?: boolean;
}

interface AzureVariable {
    readonly name: string;
    readonly env: string[];
    readonly type: "string" | "boolean";
    readonly secret?: true;
    readonly description: string;
}

/**
 * The provider's configuration names, with the environment variables of each, whether it is secret, and its description
 * for the schema. Names and variables are those of azure-native 3.x (`readAuthConfig` in its auth_azidentity.go).
 */
export const azureVariables: readonly AzureVariable[] = [
    {
        name: "subscriptionId",
        env: ["ARM_SUBSCRIPTION_ID"],
        type: "string",
        description:
            "The subscription whose account the Azure CLI is asked for, unless it is the active one.",
    },
    {
        name: "tenantId",
        env: ["ARM_TENANT_ID"],
        type: "string",
        description: "The tenant of whoever signs in.",
    },
    {
        name: "clientId",
        env: ["ARM_CLIENT_ID"],
        type: "string",
        description: "The application that signs in, or the user-assigned managed identity.",
    },
    {
        name: "clientSecret",
        env: ["ARM_CLIENT_SECRET"],
        type: "string",
        secret: true,
        description: "Signs in as the application with this secret.",
    },
    {
        name: "clientCertificatePath",
        env: ["ARM_CLIENT_CERTIFICATE_PATH"],
        type: "string",
        description: "Signs in as the application with the certificate and RSA private key of this PEM file.",
    },
    {
        name: "clientCertificatePassword",
        env: ["ARM_CLIENT_CERTIFICATE_PASSWORD"],
        type: "string",
        secret: true,
        description: "Opens the private key of `clientCertificatePath`, where it is encrypted.",
    },
    {
        name: "useOidc",
        env: ["ARM_USE_OIDC"],
        type: "boolean",
        description:
            "Signs in as the application with a token of somebody whom it trusts (OpenID Connect): `oidcToken`, " +
            "`oidcTokenFilePath`, or `oidcRequestUrl` with `oidcRequestToken`, the first that is set.",
    },
    {
        name: "oidcToken",
        env: ["ARM_OIDC_TOKEN"],
        type: "string",
        secret: true,
        description: "The token that is exchanged for one of Azure.",
    },
    {
        name: "oidcTokenFilePath",
        env: ["ARM_OIDC_TOKEN_FILE_PATH"],
        type: "string",
        description: "The file with the token, read anew each time.",
    },
    {
        name: "oidcRequestUrl",
        env: ["ACTIONS_ID_TOKEN_REQUEST_URL"],
        type: "string",
        description: "Where a job of GitHub Actions asks for its token.",
    },
    {
        name: "oidcRequestToken",
        env: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
        type: "string",
        secret: true,
        description: "What a job of GitHub Actions shows there.",
    },
    {
        name: "oidcAudience",
        env: ["ARM_OIDC_AUDIENCE"],
        type: "string",
        description: "The audience asked for at `oidcRequestUrl`; `api://AzureADTokenExchange` unless set.",
    },
    {
        name: "useMsi",
        env: ["ARM_USE_MSI"],
        type: "boolean",
        description: "Signs in as the machine's managed identity; `clientId` names a user-assigned one.",
    },
    {
        name: "useDefaultAzureCredential",
        env: ["ARM_USE_DEFAULT_AZURE_CREDENTIAL"],
        type: "boolean",
        description: "Signs in by the default chain of the Azure SDK, before any other way.",
    },
    {
        name: "environment",
        env: ["ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"],
        type: "string",
        description: "The cloud: `public`, `usgovernment` or `china`. Not used where `metadataHost` is set.",
    },
    {
        name: "metadataHost",
        env: ["ARM_METADATA_HOSTNAME"],
        type: "string",
        description: "The host that describes the endpoints of another cloud.",
    },
    {
        name: "disableInstanceDiscovery",
        env: ["ARM_DISABLE_INSTANCE_DISCOVERY"],
        type: "boolean",
        description: "Takes the cloud's Entra as it is, without asking the public one whether it is known.",
    },
];

/**
 * The settings of whoever deploys: `config` is a provider's configuration, ours or azure-native's, which have the same
 * names; what is missing there is taken from the environment. Nothing but `true` switches on.
 */
export function readAzureSettings(
    config: Readonly<Record<string, string | undefined>>,
    env: NodeJS.ProcessEnv,
): AzureSettings {
    const entries = azureVariables.flatMap(({ name, env: variables, type }) => {
        const places = [config[name], ...variables.map((variable) => env[variable])];
        const value = places.find(Boolean);
        if (!value) return [];
        return [[name, type === "boolean" ? value === "true" : value]];
    });
    return Object.fromEntries(entries);
}

/** What to do where a setting is missing or wrong. */
export function howToSet(name: keyof AzureSettings): string {
    const variable = azureVariables.find((one) => one.name === name)?.env[0];
    return `Set azure-native:${name} in the stack's configuration, or ${variable} in the environment.`;
}
