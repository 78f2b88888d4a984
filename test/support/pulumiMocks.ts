import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { registrationOf } from "./registration";

/** A resource as the program registered it. */
export interface RegisteredResource {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
    readonly provider: string;
    /** Paths of its secret inputs, and its options. */
    readonly registration: Readonly<Record<string, string>>;
}

// Pulumi keeps a trace with each promise, and Jest makes traces a hundred frames long.
Error.stackTraceLimit = 10;

const secretMark = "4dabf18193072939515e22adb298388d";

/** Outputs that the program goes on with, per type. */
const outputs: Record<string, (name: string) => Record<string, unknown>> = {
    "azure-native:iothub:IotHubResource": (name) => ({
        name,
        location: "westeurope",
        properties: { hostName: `${name}.azure-devices.net` },
    }),
    "azure-native:containerregistry:Registry": (name) => ({ name, loginServer: `${name}.azurecr.io` }),
    "azure-native:containerregistry:Token": (name) => ({ name }),
    "iotedge:index:RegistryTokenPassword": (name) => ({
        password: `a-password-of-${name}`,
    }),
    "azure-native:deviceprovisioningservices:IotDpsResource": (name) => ({
        name,
        properties: {
            idScope: "0ne00000001",
            serviceOperationsHostName: `${name}.azure-devices-provisioning.net`,
        },
    }),
    "iotedge:index:EnrollmentGroup": () => ({
        primaryKey: Buffer.from("the first key of the group").toString("base64"),
        secondaryKey: Buffer.from("the second key of the group").toString("base64"),
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
        primaryKey: `a-key-of-${name}`,
        secondaryKey: `another-key-of-${name}`,
        connectionString: `a-connection-string-of-${name}`,
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
    "azure-native:authorization:getClientConfig": () => ({ subscriptionId: "S" }),
    "azure-native:resources:getResourceGroup": ({ resourceGroupName }) => ({
        name: resourceGroupName,
        location: "northeurope",
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

/** The functions that were called since the engine was replaced, each with the provider that was asked. */
export const calledFunctions: { token: string; provider: string }[] = [];

/**
 * Replaces the engine by mocks, before the program is imported, and collects what it registers. Of outputs only those are
 * secret that the resource names among its additionalSecretOutputs, as the engine has it. A function that is not in the
 * table throws, as it would be a call to Azure that nobody thought of.
 */
export async function mockEngine(
    stack: string,
    config: Record<string, string> = {},
    secretKeys: string[] = [],
): Promise<RegisteredResource[]> {
    const resources: RegisteredResource[] = [];
    calledFunctions.length = 0;
    let request: RegisterResourceRequest | undefined;
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs, provider = "" }) => {
                const registration = request ? registrationOf(request) : {};
                resources.push({ type, name, inputs, provider, registration });
                const state: Args = { ...inputs, name, ...outputs[type]?.(name) };
                for (const output of request?.getAdditionalsecretoutputsList() ?? [])
                    if (state[output] !== undefined) state[output] = pulumi.secret(state[output]);
                return { id: `${name}-id`, state };
            },
            call: ({ token, inputs, provider = "" }) => {
                calledFunctions.push({ token, provider });
                const answer = functions[token];
                if (!answer) throw new Error(`No mock for the function ${token}`);
                return answer(inputs);
            },
        },
        "edge-classifier",
        stack,
        false,
    );
    const monitor = pulumi.runtime.getMonitor();
    if (!monitor) throw new Error("Expected the mocks to be a monitor.");
    const register = monitor.registerResource.bind(monitor) as (...args: unknown[]) => unknown;
    // The mocks are asked for the resource before anything else happens, and are not told its options.
    monitor.registerResource = ((...args: unknown[]) => {
        request = args[0] as RegisterResourceRequest;
        const answered = register(...args);
        request = undefined;
        return answered;
    }) as typeof monitor.registerResource;
    pulumi.runtime.setAllConfig(config, secretKeys);
    return resources;
}

/** Waits until everything is registered, also what waits for outputs of others: until many turns bring nothing more. */
export async function allRegistered(resources: readonly RegisteredResource[]): Promise<void> {
    let count = -1;
    for (let quiet = 0; quiet < 50; quiet++) {
        if (resources.length !== count) quiet = 0;
        count = resources.length;
        await new Promise(setImmediate);
    }
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
