import { armAzure } from "../../../cli/doctor/armAzure";
import type { Azure } from "../../../cli/doctor/azure";
import { type AzureQuestions, azureFindings } from "../../../cli/doctor/azureFindings";
import { ArmError } from "../../../infra/provider/azure/armError";
import type { ArmRequest } from "../../../infra/provider/azure/armRequest";
import type { AzureAccount } from "../../../infra/provider/azure/azureAccount";
import { callManagement } from "../../../local/arm/managementCall";
import { startTestAzure, type TestAzure } from "../../support/localAzure";

const asked: AzureQuestions = {
    subscriptionId: "S",
    region: "westeurope",
    resourceGroup: "",
    hubSku: "F1",
    hubId: "",
    registryId: "",
    image: "",
    edgeVm: true,
    vmSize: "",
    platform: "linux/amd64",
    dnsLabel: "bananas",
    subnetId: "",
};
const place = "/subscriptions/s/resourceGroups/g/providers";
const hubId = `${place}/Microsoft.Devices/IotHubs/h`;
const registryId = `${place}/Microsoft.ContainerRegistry/registries/r`;
const subnetId = `${place}/Microsoft.Network/virtualNetworks/n/subnets/s`;

/** An Azure in which everything is well. */
const well: Azure = {
    subscription: async () => ({ name: "Class", state: "Enabled" }),
    regions: async () => ["westeurope"],
    providerState: async () => "Registered",
    resourceGroup: async () => ({ location: "westeurope" }),
    isThere: async () => true,
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
            /azure-native:subscriptionId/,
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
            /azure-native:subscriptionId/,
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
            /Standard_B2ls_v2 is not in westeurope/,
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
            "a used-up quota of the machine's family",
            { computeQuotas: async () => new Map([["standardBSFamily", { used: 9, limit: 10 }]]) },
            "quota standardBSFamily",
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

    test.each<[string, keyof Azure, string, RegExp]>([
        ["regions", "regions", "region", /Ask again later/],
        ["providers", "providerState", "providers", /Ask again later/],
        ["hubs", "hubs", "free hub", /Ask again later/],
        ["sizes", "vmSize", "machine", /Ask again later/],
        ["quotas", "computeQuotas", "machine", /Ask again later/],
        ["host names", "isDnsLabelFree", "machine", /Ask again later/],
    ])(
        "where Azure refuses to say its %s, that is one failed finding among the others",
        async (_, question, name, fix) => {
            const refuse = async () => {
                throw new Error("found 429: too many\nof them");
            };
            const found = await azureFindings({ ...well, [question]: refuse }, asked);
            expect(found.filter(({ state }) => state !== "good")).toEqual([
                { name, state: "failed", found: "found 429: too many", fix: expect.stringMatching(fix) },
            ]);
            expect(found[0]).toMatchObject({ name: "subscription", state: "good" });
        },
    );

    describe("is asked about what the stack uses and does not make:", () => {
        const ids = { hubId, registryId, subnetId };

        test("all of it is there", async () => {
            const isThere = jest.fn(well.isThere);
            const findings = await azureFindings({ ...well, isThere }, { ...asked, ...ids });
            expect(isThere.mock.calls.flat()).toEqual([hubId, registryId, subnetId]);
            expect(findings.filter(({ name }) => name in ids)).toEqual([
                { name: "hubId", state: "good", found: "h is there" },
                { name: "registryId", state: "good", found: "r is there" },
                { name: "subnetId", state: "good", found: "s is there" },
            ]);
        });

        test.each(Object.entries(ids))("%s is not", async (setting, id) => {
            expect(await bad({ isThere: async () => false }, { [setting]: id })).toEqual([
                {
                    name: setting,
                    state: "failed",
                    found: `there is no ${id}`,
                    fix: expect.stringContaining(setting),
                },
            ]);
        });

        test.each(Object.entries(ids))(
            "%s is of another subscription, which is not asked",
            async (setting, id) => {
                const isThere = jest.fn(well.isThere);
                expect(await bad({ isThere }, { [setting]: id.replace("/s/", "/Other/") })).toEqual([
                    {
                        name: setting,
                        state: "failed",
                        found: "is of subscription other, not of S",
                        fix: expect.stringContaining("pulumi config set azure-native:subscriptionId other"),
                    },
                ]);
                expect(isThere).not.toHaveBeenCalled();
            },
        );

        test("a subnet is for a machine alone", async () => {
            const isThere = jest.fn(well.isThere);
            await bad({ isThere }, { edgeVm: false, subnetId });
            expect(isThere).not.toHaveBeenCalled();
        });

        test("a group gives the stack its region", async () => {
            const resourceGroup = async () => ({ location: "northeurope" });
            const vmSize = jest.fn(well.vmSize);
            const regions = async () => ["northeurope"];
            const change = { resourceGroup, vmSize, regions };
            expect(await bad(change, { resourceGroup: "ours", region: "" })).toEqual([]);
            expect(vmSize.mock.calls).toEqual([["northeurope", "Standard_B2ls_v2"]]);
        });

        test("a group that is not there", async () => {
            expect(await bad({ resourceGroup: async () => undefined }, { resourceGroup: "ours" })).toEqual([
                {
                    name: "resourceGroup",
                    state: "failed",
                    found: "ours is not in the subscription",
                    fix: expect.stringMatching(/^Make it with: az group create --name ours /),
                },
            ]);
        });
    });

    test("is the region however it is written, and none is said to be none", async () => {
        expect(await bad({}, { region: "West Europe" })).toEqual([]);
        expect(await bad({}, { region: "" })).toEqual([
            expect.objectContaining({ name: "region", state: "failed", found: "none is set" }),
        ]);
    });

    test.each<[string, Partial<AzureQuestions>, Partial<Azure>]>([
        ["a paid hub", { hubSku: "S1" }, {}],
        ["a hub that is there", { hubId: hubId }, {}],
        ["others' paid hubs", {}, { hubs: async () => [{ name: "theirs", sku: "S1" }] }],
    ])("does not mind a free hub for %s", async (_, questions, azure) => {
        const hubs = async () => [{ name: "mine", sku: "F1" }];
        expect(await bad({ hubs, ...azure }, questions)).toEqual([]);
    });

    test.each<[Partial<AzureQuestions>, string]>([
        [{}, "Standard_B2ls_v2"],
        [{ platform: "linux/arm64" }, "Standard_B2pls_v2"],
        [{ platform: "linux/arm64", vmSize: "Standard_D2s_v5" }, "Standard_D2s_v5"],
    ])("is the size that the machine gets: %j", async (questions, size) => {
        const vmSize = jest.fn(well.vmSize);
        await bad({ vmSize }, { ...questions, region: "northeurope" });
        expect(vmSize.mock.calls).toEqual([["northeurope", size]]);
    });

    test("is no host name where none is wanted, and no machine where there is none", async () => {
        const isDnsLabelFree = jest.fn(well.isDnsLabelFree);
        const vmSize = jest.fn(well.vmSize);
        await bad({ isDnsLabelFree, vmSize }, { dnsLabel: "" });
        expect([vmSize.mock.calls.length, isDnsLabelFree.mock.calls.length]).toEqual([1, 0]);
        await bad({ isDnsLabelFree, vmSize }, { edgeVm: false });
        expect([vmSize.mock.calls.length, isDnsLabelFree.mock.calls.length]).toEqual([1, 0]);
    });

    test.each<[Partial<AzureQuestions>, string[]]>([
        [{ edgeVm: false }, ["Devices", "ContainerRegistry"]],
        [{ edgeVm: false, hubId: hubId }, ["ContainerRegistry"]],
        [{ edgeVm: false, registryId: registryId }, ["Devices"]],
        [
            { hubId: hubId, registryId: registryId },
            ["Network", "Compute", "KeyVault", "ManagedIdentity", "DevTestLab"],
        ],
    ])("is asked about the providers of %j alone", async (questions, expected) => {
        const providerState = jest.fn(well.providerState);
        await bad({ providerState }, questions);
        expect(providerState.mock.calls.flat()).toEqual(expected.map((name) => `Microsoft.${name}`));
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

describe("the questions as calls of ARM", () => {
    /** Answers every call alike, and collects them. */
    const arm = (answer: unknown) => {
        const callArm = jest.fn(async (_request: ArmRequest) => answer);
        const asked = () =>
            callArm.mock.calls.map(([{ method, path, apiVersion }]) => `${method} ${path} ${apiVersion}`);
        return { azure: armAzure("s", { callArm } as unknown as AzureAccount), asked };
    };
    const sizes = (...skus: object[]) => arm({ value: skus }).azure.vmSize("westeurope", "Standard_B2s");
    const size = {
        resourceType: "virtualMachines",
        name: "standard_b2S",
        family: "standardBSFamily",
        capabilities: [
            { name: "MemoryGB", value: "4" },
            { name: "vCPUs", value: "2" },
        ],
    };

    test("are each of one path and version", async () => {
        const { azure, asked: paths } = arm({ value: [] });
        await azure.subscription();
        await azure.regions();
        await azure.providerState("Microsoft.Devices");
        await azure.hubs();
        await azure.vmSize("westeurope", "Standard_B2s");
        await azure.computeQuotas("westeurope");
        await azure.isDnsLabelFree("westeurope", "a b");
        await azure.resourceGroup("ours");
        for (const id of [hubId, registryId, subnetId]) await azure.isThere(id);
        expect(paths()).toEqual(
            [
                " 2022-12-01",
                "/locations 2022-12-01",
                "/providers/Microsoft.Devices 2021-04-01",
                "/providers/Microsoft.Devices/IotHubs 2023-06-30",
                "/providers/Microsoft.Compute/skus?$filter=location%20eq%20'westeurope' 2021-07-01",
                "/providers/Microsoft.Compute/locations/westeurope/usages 2024-07-01",
                "/providers/Microsoft.Network/locations/westeurope/CheckDnsNameAvailability?domainNameLabel=a%20b 2024-05-01",
                "/resourceGroups/ours 2021-04-01",
                ...[`${hubId} 2023-06-30`, `${registryId} 2023-07-01`, `${subnetId} 2024-05-01`].map((path) =>
                    path.replace("/subscriptions/s", ""),
                ),
            ].map((path) => `GET /subscriptions/s${path}`),
        );
    });

    test("read a list to its last page, in the version that they ask for", async () => {
        const pages = [
            {
                value: [{ name: "a" }],
                nextLink: "https://arm.example/next?page=2&api-version=2022-12-01&$top=1",
            },
            { value: [{ name: "b" }] },
        ];
        const callArm = jest.fn(async (_request: ArmRequest) => pages.shift());
        const azure = armAzure("s", { callArm } as unknown as AzureAccount);
        expect(await azure.regions()).toEqual(["a", "b"]);
        expect(callArm.mock.calls[1]).toEqual([
            { method: "GET", path: "/next?page=2&$top=1", apiVersion: "2022-12-01" },
        ]);
    });

    test("take 404 for nothing, and any other refusal for one", async () => {
        const refusing = (status: number) => {
            const callArm = async () => Promise.reject(new ArmError(status, "Code", "refused"));
            return armAzure("s", { callArm } as unknown as AzureAccount);
        };
        expect(await refusing(404).resourceGroup("g")).toBeUndefined();
        expect(await refusing(404).isThere(hubId)).toBe(false);
        await expect(refusing(403).resourceGroup("g")).rejects.toThrow("refused");
        await expect(refusing(403).isThere(hubId)).rejects.toThrow("refused");
    });

    test("find a size in any letter case, among machines alone, with its cores", async () => {
        expect(
            await sizes({ ...size, resourceType: "disks" }, { ...size, name: "Standard_B2ms" }),
        ).toBeUndefined();
        expect(await sizes({ ...size, resourceType: "disks" }, size)).toEqual({
            family: "standardBSFamily",
            cores: 2,
            restriction: undefined,
        });
        expect(await sizes({ resourceType: "virtualMachines", name: "Standard_B2s" })).toEqual({
            family: "",
            cores: 0,
            restriction: undefined,
        });
    });

    test("take a restriction of the region for one, and that of a zone for none", async () => {
        const zone = { type: "Zone", reasonCode: "NotAvailableForSubscription" };
        const region = { type: "Location", reasonCode: "QuotaId" };
        expect(await sizes({ ...size, restrictions: [zone] })).toMatchObject({ restriction: undefined });
        expect(await sizes({ ...size, restrictions: [zone, region] })).toMatchObject({
            restriction: "QuotaId",
        });
    });

    test("tell what is used of a quota and what is allowed apart", async () => {
        const { azure } = arm({ value: [{ name: { value: "cores" }, currentValue: 3, limit: 10 }] });
        expect(await azure.computeQuotas("westeurope")).toEqual(new Map([["cores", { used: 3, limit: 10 }]]));
    });
});

describe("the questions as calls of ARM, answered by the local Azure", () => {
    let local: TestAzure;
    let azure: Azure;
    const subscription = "00000000-0000-0000-0000-000000000000";
    const put = (path: string, body: object) =>
        callManagement(local.stack.azure, "PUT", `/subscriptions/${subscription}${path}`, body);
    const account = (): Pick<AzureAccount, "callArm"> => ({
        callArm: ({ method, path }) => callManagement(local.stack.azure, method, path),
    });
    beforeAll(async () => {
        local = await startTestAzure();
        azure = armAzure(subscription, account());
        await put("/resourceGroups/g", { location: "westeurope" });
    });
    afterAll(() => local?.remove());

    test("find nothing wrong in a new subscription", async () => {
        const findings = await azureFindings(azure, asked);
        expect(findings.filter(({ state }) => state !== "good")).toEqual([]);
        expect(findings.map(({ name }) => name)).toContain("quota standardBsv2Family");
    });

    test("refuse a size of the first B series, which no new subscription gets", async () => {
        const findings = await azureFindings(azure, { ...asked, vmSize: "Standard_B2s" });
        expect(findings.filter(({ state }) => state !== "good")).toMatchObject([
            { name: "machine size", found: expect.stringContaining("NotAvailableForSubscription") },
        ]);
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
        const elsewhere = armAzure("11111111-2222-3333-4444-555555555555", account());
        await expect(elsewhere.subscription()).rejects.toThrow();
    });
});
