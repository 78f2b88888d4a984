import { armAzure } from "../../../cli/doctor/armAzure";
import type { Azure } from "../../../cli/doctor/azure";
import { type AzureQuestions, azureFindings } from "../../../cli/doctor/azureFindings";
import { callManagement } from "../../../local/arm/managementCall";
import { startTestAzure, type TestAzure } from "../../support/localAzure";

const asked: AzureQuestions = {
    region: "westeurope",
    hubSku: "F1",
    hubId: "",
    registryId: "",
    image: "",
    edgeVm: true,
    vmSize: "",
    platform: "linux/amd64",
    dnsLabel: "bananas",
};

/** An Azure in which everything is well. */
const well: Azure = {
    subscription: async () => ({ name: "Class", state: "Enabled" }),
    regions: async () => ["westeurope"],
    providerState: async () => "Registered",
    hubs: async () => [],
    vmSize: async () => ({ family: "standardBSFamily", cores: 2, restriction: undefined }),
    computeQuotas: async () =>
        new Map([
            ["cores", { used: 8, limit: 10 }],
            ["standardBSFamily", { used: 0, limit: 10 }],
        ]),
    isDnsLabelFree: async () => true,
};
const bad = async (azure: Partial<Azure>, questions: Partial<AzureQuestions> = {}) =>
    (await azureFindings({ ...well, ...azure }, { ...asked, ...questions })).filter(
        ({ state }) => state !== "good",
    );

describe("what Azure has a say in", () => {
    test("is good where everything is well", async () => {
        expect(await bad({})).toEqual([]);
    });

    test.each<[string, Partial<Azure>, string, "warning" | "failed", RegExp, RegExp]>([
        [
            "a subscription that is off",
            { subscription: async () => ({ name: "Class", state: "Disabled" }) },
            "subscription",
            "failed",
            /Class is Disabled/,
            /az account set/,
        ],
        [
            "a refused call",
            {
                subscription: async () => {
                    throw new Error("found 401: expired");
                },
            },
            "subscription",
            "failed",
            /found 401: expired/,
            /az login/,
        ],
        [
            "a region",
            { regions: async () => ["eastus"] },
            "region",
            "failed",
            /westeurope is not/,
            /location/,
        ],
        [
            "an unregistered provider",
            {
                providerState: async (name) =>
                    name === "Microsoft.DevTestLab" ? "NotRegistered" : "Registered",
            },
            "Microsoft.DevTestLab",
            "failed",
            /NotRegistered/,
            /az provider register --wait --namespace Microsoft\.DevTestLab/,
        ],
        [
            "a second free hub",
            { hubs: async () => [{ name: "mine", sku: "F1" }] },
            "free hub",
            "warning",
            /mine is the one free hub/,
            /hubSku S1/,
        ],
        [
            "a size that is not there",
            { vmSize: async () => undefined },
            "machine size",
            "failed",
            /Standard_B2s is not in westeurope/,
            /vmSize/,
        ],
        [
            "a size that is closed to the subscription",
            {
                vmSize: async () => ({
                    family: "standardBSFamily",
                    cores: 2,
                    restriction: "NotAvailableForSubscription",
                }),
            },
            "machine size",
            "failed",
            /NotAvailableForSubscription/,
            /another region/,
        ],
        [
            "a used-up quota",
            { computeQuotas: async () => new Map([["cores", { used: 9, limit: 10 }]]) },
            "quota cores",
            "failed",
            /9 of 10 used, 2 needed/,
            /ask for more/,
        ],
        [
            "a taken host name",
            { isDnsLabelFree: async () => false },
            "host name",
            "warning",
            /bananas\.westeurope\.cloudapp\.azure\.com is taken/,
            /dnsLabel/,
        ],
    ])("%s is named with its fix", async (_, azure, name, state, found, fix) => {
        expect(await bad(azure)).toEqual([
            { name, state, found: expect.stringMatching(found), fix: expect.stringMatching(fix) },
        ]);
    });

    test("is asked about no more than the stack uses", async () => {
        const namespaces: string[] = [];
        const providerState = async (name: string) => {
            namespaces.push(name);
            return "Registered";
        };
        await bad({ providerState }, { edgeVm: false, image: "registry.azurecr.io/c:v1" });
        expect(namespaces).toEqual(["Microsoft.Devices"]);
    });
});

describe("the questions as calls of ARM, answered by the local Azure", () => {
    let local: TestAzure;
    let azure: Azure;
    const subscription = "00000000-0000-0000-0000-000000000000";
    const put = (path: string, body: object) =>
        callManagement(local.stack.azure, "PUT", `/subscriptions/${subscription}${path}`, body);
    beforeAll(async () => {
        local = await startTestAzure();
        azure = armAzure(subscription, (method, path) => callManagement(local.stack.azure, method, path));
        await put("/resourceGroups/g", { location: "westeurope" });
    });
    afterAll(() => local?.remove());

    test("find nothing wrong in a new subscription", async () => {
        const findings = await azureFindings(azure, asked);
        expect(findings.filter(({ state }) => state !== "good")).toEqual([]);
        expect(findings.map(({ name }) => name)).toContain("quota standardBSFamily");
    });

    test("see the hub and the host name that are there", async () => {
        await put("/resourceGroups/g/providers/Microsoft.Devices/IotHubs/hub1", {
            location: "westeurope",
            sku: { name: "F1", capacity: 1 },
        });
        await put("/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/ip", {
            location: "westeurope",
            sku: { name: "Standard" },
            properties: { publicIPAllocationMethod: "Static", dnsSettings: { domainNameLabel: "bananas" } },
        });
        const findings = await azureFindings(azure, asked);
        expect(findings.filter(({ state }) => state !== "good").map(({ name }) => name)).toEqual([
            ...["free hub", "host name"],
        ]);
    });

    test("see what the subscription does not have", async () => {
        expect(await azure.providerState("Microsoft.Kusto")).toBe("NotRegistered");
        expect(await azure.vmSize("westeurope", "Standard_M416ms_v2")).toBeUndefined();
        const elsewhere = armAzure("11111111-2222-3333-4444-555555555555", (method, path) =>
            callManagement(local.stack.azure, method, path),
        );
        await expect(elsewhere.subscription()).rejects.toThrow();
    });
});
