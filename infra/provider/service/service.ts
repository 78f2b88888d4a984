/** A service of Azure IoT that has a resource in ARM and a data plane of its own over REST. */
export interface Service {
    /** In sentences. */
    readonly name: string;
    /** In ARM, such as `Microsoft.Devices/IotHubs`, and the version that ARM is asked in: azure-native 3.28.0's own. */
    readonly armType: string;
    readonly armVersion: string;
    /** The property of the resource that names the data plane's host. */
    readonly hostProperty: string;
    /** Below the resource, where ARM shows the key of one policy. */
    readonly keysPath: string;
    /** What every call to the data plane names. */
    readonly apiVersion: string;
    /** What Entra issues tokens for, in every cloud. */
    readonly entraResource: string;
    /** The role that lets an identity of Entra in. */
    readonly entraRole: string;
    /** What a policy must allow; a right to write includes the one to read. */
    readonly rights: readonly string[];
    /** The configuration of the provider that holds a connection string of the service, and its environment variable. */
    readonly connectionString: { readonly name: string; readonly variable: string };
}

export const iotHub: Service = {
    name: "IoT Hub",
    armType: "Microsoft.Devices/IotHubs",
    armVersion: "2023-06-30",
    hostProperty: "hostName",
    keysPath: "IotHubKeys",
    // iothub-service Swagger 2021-04-12.
    apiVersion: "2021-04-12",
    // learn: "Control access to IoT Hub by using Microsoft Entra ID".
    entraResource: "https://iothubs.azure.net",
    entraRole: "IoT Hub Data Contributor",
    rights: ["RegistryWrite", "ServiceConnect"],
    connectionString: { name: "hubConnectionString", variable: "IOTHUB_CONNECTION_STRING" },
};

export const provisioningService: Service = {
    name: "Device Provisioning Service",
    armType: "Microsoft.Devices/provisioningServices",
    armVersion: "2023-03-01-preview",
    hostProperty: "serviceOperationsHostName",
    keysPath: "keys",
    apiVersion: "2021-10-01",
    // learn: "Control access to Azure IoT Hub Device Provisioning Service by using Microsoft Entra ID".
    entraResource: "https://azure-devices-provisioning.net",
    entraRole: "Device Provisioning Service Data Contributor",
    rights: ["EnrollmentWrite"],
    connectionString: {
        name: "provisioningServiceConnectionString",
        variable: "DPS_CONNECTION_STRING",
    },
};
