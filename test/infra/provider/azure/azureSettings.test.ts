import * as azureNative from "@pulumi/azure-native";
import { azureVariables, readAzureSettings } from "../../../../infra/provider/azure/azureSettings";

describe("the settings of whoever deploys", () => {
    test("come from the provider's configuration, then the environment", () => {
        const env = { ARM_TENANT_ID: "env", ARM_CLIENT_ID: "env", ARM_CLIENT_SECRET: "env" };
        expect(readAzureSettings({ tenantId: "own", clientId: "own" }, env)).toEqual({
            tenantId: "own",
            clientId: "own",
            clientSecret: "env",
        });
    });

    test("take an empty value for none", () => {
        expect(readAzureSettings({ tenantId: "", clientId: undefined }, { ARM_TENANT_ID: "env" })).toEqual({
            tenantId: "env",
        });
        expect(readAzureSettings({}, { ARM_TENANT_ID: "" })).toEqual({});
    });

    test("are switched on by true alone, and off again by whoever comes first", () => {
        const env = { ARM_USE_OIDC: "true", ARM_USE_MSI: "1", ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true" };
        expect(readAzureSettings({ useOidc: "false" }, env)).toEqual({
            useOidc: false,
            useMsi: false,
            useDefaultAzureCredential: true,
        });
    });

    // As azure-native reads them (`readAuthConfig` in its auth_azidentity.go).
    test.each([
        ["subscriptionId", "ARM_SUBSCRIPTION_ID"],
        ["tenantId", "ARM_TENANT_ID"],
        ["clientId", "ARM_CLIENT_ID"],
        ["clientSecret", "ARM_CLIENT_SECRET"],
        ["clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH"],
        ["clientCertificatePassword", "ARM_CLIENT_CERTIFICATE_PASSWORD"],
        ["useOidc", "ARM_USE_OIDC"],
        ["oidcToken", "ARM_OIDC_TOKEN"],
        ["oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH"],
        ["oidcRequestUrl", "ACTIONS_ID_TOKEN_REQUEST_URL"],
        ["oidcRequestToken", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
        ["oidcAudience", "ARM_OIDC_AUDIENCE"],
        ["useMsi", "ARM_USE_MSI"],
        ["useDefaultAzureCredential", "ARM_USE_DEFAULT_AZURE_CREDENTIAL"],
        ["environment", "ARM_ENVIRONMENT"],
        ["environment", "AZURE_ENVIRONMENT"],
        ["metadataHost", "ARM_METADATA_HOSTNAME"],
        ["disableInstanceDiscovery", "ARM_DISABLE_INSTANCE_DISCOVERY"],
    ])("have %s from %s", (name, variable) => {
        const isSwitch = /^use|^disable/.test(name);
        expect(readAzureSettings({}, { [variable]: "true" })).toEqual({
            [name]: isSwitch ? true : "true",
        });
    });

    test("prefer ARM_ENVIRONMENT to AZURE_ENVIRONMENT", () => {
        const env = { ARM_ENVIRONMENT: "china", AZURE_ENVIRONMENT: "public" };
        expect(readAzureSettings({}, env)).toEqual({ environment: "china" });
        expect(readAzureSettings({}, { AZURE_ENVIRONMENT: "public" })).toEqual({ environment: "public" });
    });

    test("have the names that the installed azure-native has", () => {
        const known = Object.keys(Object.getOwnPropertyDescriptors(azureNative.config));
        // It reads this one without declaring it.
        const names = azureVariables.map(({ name }) => name).filter((name) => name !== "oidcAudience");
        expect(names.filter((name) => !known.includes(name))).toEqual([]);
        expect(known.length).toBeGreaterThan(names.length);
    });

    test("call secret whatever is shown as a proof", () => {
        const secret = azureVariables.filter((one) => one.secret).map(({ name }) => name);
        expect(secret).toEqual([
            "clientSecret",
            "clientCertificatePassword",
            "oidcToken",
            "oidcRequestToken",
        ]);
    });
});
