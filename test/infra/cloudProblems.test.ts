import { cloudProblems, type DeployedTo } from "../../infra/cloudProblems";
import { readConfig } from "../../infra/config";
import { sentence } from "../../infra/problem";
import { type Settings, settings } from "../../infra/settings";
import { mockEngine } from "../support/pulumiMocks";

const hubId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h";
/** What works in every cloud: a brought device in a hub that is there, opened by its key. */
const anywhere = { hubId };
const problems = (asked: Partial<Settings>, place: DeployedTo) =>
    cloudProblems(settings.parse({ ...anywhere, ...asked }), place).map(sentence);

const government = { location: "usgovvirginia" };

describe("what works in the public cloud only", () => {
    test.each<[string, Partial<Settings>, string]>([
        [
            "a machine",
            { edgeVm: true },
            "Expected config `edgeVm` to be false because a machine finds its key vault in the public cloud only, and " +
                "the region usgovvirginia is of another one, found true. Bring a device: pulumi config set edgeVm false",
        ],
        [
            "one enrollment",
            { provisioning: "dps-individual" },
            "Expected config `provisioning` to be manual because a device finds its provisioning service in the public " +
                'cloud only, and the region usgovvirginia is of another one, found "dps-individual". Set it with: ' +
                "pulumi config set provisioning manual",
        ],
        ["a group", { provisioning: "dps-group" }, 'found "dps-group"'],
        ["calls by Entra", { hubAuth: "entra" }, "`hubAuth` to be key because our tokens"],
        [
            "a new hub",
            { hubId: "" },
            "Expected config `hubId` to be the id of a hub because a new hub enforces TLS 1.2, as ours does, in the " +
                "public cloud only, and the region usgovvirginia is of another one, found none. Make a hub by hand, then: " +
                "pulumi config set hubId ID",
        ],
    ])("is refused elsewhere: %s", (_, asked, text) => {
        expect(problems(asked, government)).toEqual([expect.stringContaining(text)]);
        expect(problems(asked, { location: "westeurope" })).toEqual([]);
    });

    test("leaves a brought device in a hub that is there, opened by its key", () => {
        expect(problems({}, government)).toEqual([]);
    });
});

describe("another cloud than the public one", () => {
    const machine = { edgeVm: true };
    test.each<[DeployedTo]>([
        [{ location: "usgovarizona" }],
        [{ location: "USGov Texas" }],
        [{ location: "usdodcentral" }],
        [{ location: "chinanorth3" }],
        [{ location: "China East 2" }],
        [{ location: "chinaeast2", metadataHost: "management.example" }],
        [{ environment: "usgovernment" }],
        [{ environment: "AzureUSGovernment" }],
        [{ environment: "China" }],
    ])("is told by %j", (place) => {
        expect(problems(machine, place)).toHaveLength(1);
    });

    test.each<[DeployedTo]>([
        [{}],
        [{ location: "westeurope" }],
        [{ location: "southeastasia" }],
        [{ environment: "public" }],
        [{ environment: "AzureCloud", location: "eastus" }],
        [{ environment: "dev" }],
        [{ environment: "china", metadataHost: "localhost:8443", location: "westeurope" }],
    ])("is not told by %j", (place) => {
        expect(problems(machine, place)).toEqual([]);
    });
});

describe("a stack for another cloud", () => {
    const read = async (config: Record<string, string>, env: NodeJS.ProcessEnv) => {
        await mockEngine("dev", config);
        return readConfig(env);
    };
    const machine = { "edge-classifier:edgeVm": "true", "edge-classifier:sshPublicKey": "ssh-rsa AAAA" };

    test.each<[string, Record<string, string>, NodeJS.ProcessEnv]>([
        ["the region", { "azure-native:location": "chinanorth3" }, {}],
        ["azure-native's configuration", { "azure-native:environment": "china" }, {}],
        ["the environment", { "azure-native:location": "westeurope" }, { ARM_ENVIRONMENT: "usgovernment" }],
        ["the environment's other name", {}, { AZURE_ENVIRONMENT: "china" }],
    ])("is refused before anything is made, all at once, by %s", async (_, config, env) => {
        await expect(read({ ...machine, ...config, "edge-classifier:hubSku": "B1" }, env)).rejects.toThrow(
            /`hubSku`.*\n.*`edgeVm` to be false.*\n.*`hubId` to be the id of a hub/,
        );
    });

    test("is taken where the local Azure stands in for it", async () => {
        const env = { ARM_METADATA_HOSTNAME: "localhost:8443", ARM_ENVIRONMENT: "china" };
        const config = await read({ ...machine, "azure-native:location": "westeurope" }, env);
        expect(config.edgeVm).toBe(true);
    });
});
