import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it. */
export interface RegisteredResource {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
    readonly provider: string;
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** Outputs that the program goes on with, per type. */
const outputs: Record<string, (name: string) => Record<string, unknown>> = {
    "azure-native:iothub:IotHubResource": (name) => ({
        name,
        properties: { hostName: `${name}.azure-devices.net` },
    }),
    "azure-native:containerregistry:Registry": (name) => ({ name, loginServer: `${name}.azurecr.io` }),
    "azure-native:containerregistry:Token": (name) => ({ name }),
    "iotedge:index:RegistryTokenPassword": (name) => ({
        // The engine marks what the resource names among its additionalSecretOutputs; the mocks do not.
        password: pulumi.secret(`a-password-of-${name}`),
    }),
    "azure-native:deviceprovisioningservices:IotDpsResource": (name) => ({
        name,
        properties: {
            idScope: "0ne00000001",
            serviceOperationsHostName: `${name}.azure-devices-provisioning.net`,
        },
    }),
    "iotedge:index:EnrollmentGroup": () => ({
        primaryKey: pulumi.secret(Buffer.from("the first key of the group").toString("base64")),
        secondaryKey: pulumi.secret(Buffer.from("the second key of the group").toString("base64")),
    }),
    "azure-native:network:PublicIPAddress": (name) => ({
        name,
        ipAddress: "203.0.113.7",
        dnsSettings: { fqdn: "label.westeurope.cloudapp.azure.com" },
    }),
    "azure-native:managedidentity:UserAssignedIdentity": (name) => ({
        name,
        tenantId: "a-tenant",
        clientId: "a-client",
        principalId: "a-principal",
    }),
    "azure-native:keyvault:Secret": (name) => ({
        name,
        // Secret as a whole, because the value that was put in is among them.
        properties: pulumi.secret({
            secretUriWithVersion: `https://vault.vault.azure.net/secrets/${name}/1`,
        }),
    }),
    "iotedge:index:Device": (name) => ({
        primaryKey: pulumi.secret(`a-key-of-${name}`),
        secondaryKey: pulumi.secret(`another-key-of-${name}`),
        connectionString: pulumi.secret(`a-connection-string-of-${name}`),
    }),
    "docker:index/image:Image": () => ({
        repoDigest: `registry.azurecr.io/classifier@sha256:${"0".repeat(64)}`,
    }),
};

type Args = Record<string, unknown>;

const functions: Record<string, (args: Args) => Args> = {
    "azure-native:iothub:listIotHubResourceKeysForKeyName": ({ keyName }) => ({
        primaryKey: `a-key-of-${keyName}`,
    }),
    "azure-native:containerregistry:getRegistry": ({ registryName }) => ({
        loginServer: `${registryName}.azurecr.io`,
    }),
    "azure-native:iothub:getIotHubResource": ({ resourceName }) => ({
        location: "westeurope",
        sku: { name: "S1" },
        properties: { hostName: `${resourceName}.azure-devices.net` },
    }),
};

/**
 * Replaces the engine by mocks, before the program is imported, and collects what it registers. A function that is not
 * in the table throws, as it would be a call to Azure that nobody thought of.
 */
export async function mockEngine(
    stack: string,
    config: Record<string, string> = {},
): Promise<RegisteredResource[]> {
    const resources: RegisteredResource[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs, provider }) => {
                resources.push({ type, name, inputs, provider: provider ?? "" });
                return { id: `${name}-id`, state: { ...inputs, name, ...outputs[type]?.(name) } };
            },
            call: ({ token, inputs }) => {
                const answer = functions[token];
                if (!answer) throw new Error(`No mock for the function ${token}`);
                return answer(inputs);
            },
        },
        "edge-classifier",
        stack,
        false,
    );
    pulumi.runtime.setAllConfig(config);
    return resources;
}

/** Waits for an output's value, and says whether it is secret. */
export function settled<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
    return new Promise((resolve) => {
        pulumi
            .all([output, pulumi.isSecret(output)])
            .apply(([value, secret]) => resolve({ value: value as T, secret }));
    });
}

/** True where an input arrived marked as secret. */
export function isSecretInput(value: unknown): boolean {
    return typeof value === "object" && value !== null && secretMark in value;
}
