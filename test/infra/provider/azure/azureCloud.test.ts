import { configuredCloud } from "../../../../infra/provider/azure/azureCloud";

describe("the configured cloud", () => {
    test("is none where nothing names one", async () => {
        expect(await configuredCloud({})).toBeUndefined();
    });

    test.each([
        ["public", "https://management.azure.com"],
        ["AzureCloud", "https://management.azure.com"],
        ["usgovernment", "https://management.usgovcloudapi.net"],
        ["usgov", "https://management.usgovcloudapi.net"],
        ["usgovernmentl4", "https://management.usgovcloudapi.net"],
        ["AzureUSGovernment", "https://management.usgovcloudapi.net"],
        ["AzureUSGovernmentCloud", "https://management.usgovcloudapi.net"],
        ["china", "https://management.chinacloudapi.cn"],
        ["AzureChinaCloud", "https://management.chinacloudapi.cn"],
    ])("of the name %s is at %s", async (environment, resourceManager) => {
        expect(await configuredCloud({ environment })).toMatchObject({ resourceManager });
    });

    test.each([
        ["public", "https://management.azure.com", "https://login.microsoftonline.com"],
        ["usgovernment", "https://management.core.usgovcloudapi.net", "https://login.microsoftonline.us"],
        ["china", "https://management.core.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
    ])("of the name %s issues tokens for %s at %s", async (environment, audience, authorityHost) => {
        expect(await configuredCloud({ environment })).toMatchObject({ audience, authorityHost });
    });

    test("of a name that nobody knows is refused with what to do", async () => {
        await expect(configuredCloud({ environment: "moon" })).rejects.toThrow(
            'Expected environment to be public, usgovernment or china, found "moon". Set azure-native:environment in the ' +
                "stack's configuration, or ARM_ENVIRONMENT in the environment. Any other cloud is named by its " +
                "metadataHost. Set azure-native:metadataHost in the stack's configuration, or ARM_METADATA_HOSTNAME in " +
                "the environment.",
        );
    });

    test("of a host where nobody answers is refused with what to do, whatever else is named", async () => {
        await expect(configuredCloud({ environment: "china", metadataHost: "localhost:1" })).rejects.toThrow(
            /^Expected the endpoints of the Azure cloud at https:\/\/localhost:1\/metadata\/endpoints\?.* found: .*ARM_METADATA_HOSTNAME/,
        );
    });
});
