import { readConfiguration } from "../../../infra/provider/configuration";

const own = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`iotedge:config:${name}`, value]));

describe("the configuration of the provider", () => {
    test("has what opens the services, each under its own name", () => {
        const values = {
            hubAuth: "entra",
            hubPolicyName: "ours",
            hubConnectionString: "of the hub",
            provisioningServiceConnectionString: "of the service",
        };
        const { hubConnectionString, provisioningServiceConnectionString, ...access } = values;
        expect(readConfiguration(own(values), {}).access).toEqual({
            ...access,
            connectionStrings: { hubConnectionString, provisioningServiceConnectionString },
        });
    });

    test.each([
        ["hubConnectionString", "IOTHUB_CONNECTION_STRING"],
        ["provisioningServiceConnectionString", "DPS_CONNECTION_STRING"],
    ])("takes %s from %s where it is not set, or empty", (name, variable) => {
        const env = { [variable]: "of the environment" };
        const read = (values: Record<string, string>) =>
            readConfiguration(own(values), env).access.connectionStrings;
        expect(read({})).toMatchObject({ [name]: "of the environment" });
        expect(read({ [name]: "" })).toMatchObject({ [name]: "of the environment" });
        expect(read({ [name]: "own" })).toMatchObject({ [name]: "own" });
        expect(Object.values(read({})).filter(Boolean)).toHaveLength(1);
    });

    test("is named as the engine or as a stack names it, and not as another package does", () => {
        const tenant = (variables: Record<string, string>) => readConfiguration(variables, {}).azure.tenantId;
        expect(tenant({ "iotedge:config:tenantId": "t" })).toBe("t");
        expect(tenant({ "iotedge:tenantId": "t" })).toBe("t");
        expect(tenant({ "azure-native:config:tenantId": "t" })).toBeUndefined();
        expect(tenant({ "my-iotedge:config:tenantId": "t" })).toBeUndefined();
    });

    test("falls back to the environment", () => {
        const env = { ARM_TENANT_ID: "env", ARM_CLIENT_ID: "env" };
        expect(readConfiguration(own({ tenantId: "own" }), env).azure).toEqual({
            tenantId: "own",
            clientId: "env",
        });
    });
});
