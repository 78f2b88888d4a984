import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ArmService, armService } from "../../../local/arm/service";
import { localCertificates } from "../../../local/base/certificates";
import { httpListener } from "../../../local/base/http/httpListener";
import { type Directory, localDirectory } from "../../../local/planes/entra/directory";
import { groupId, startTestModel, type TestModel } from "./testModel";

let azure: TestModel;
let directory: Directory;
let server: Server;
let origin: string;
let failing: string[] = [];
let throttle: { retryAfterS?: number } | undefined;
let calls: string[] = [];
let service: ArmService;

beforeAll(async () => {
    azure = await startTestModel();
    const { keyPem } = await localCertificates(azure.store);
    directory = localDirectory(keyPem, "https://localhost");
    service = armService({
        model: azure.model,
        operations: azure.operations,
        token: "ours",
        directory,
        failsChange: (armType, id) => failing.includes(armType) && id.startsWith(groupId),
        throttlesArm: (call) => {
            calls.push(call);
            return throttle;
        },
        own: [{ method: "GET", path: "/own", handle: () => ({ status: 200, json: {} }) }],
    });
    server = createServer(httpListener(service));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
    await new Promise((resolve) => server?.close(resolve));
    await service?.close();
    await azure?.close();
});

async function ask(method: string, path: string, body?: unknown, authorization = "Bearer ours") {
    const headers = { Authorization: authorization, Connection: "close", "Content-Type": "application/json" };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(origin + path, { method, headers, body: text });
    const answer = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
    const found = (answer === "" ? undefined : JSON.parse(answer)) as any;
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body: found };
}

const subscription = groupId.replace(/\/resourceGroups.*/, "");
const hub = `${groupId}/providers/Microsoft.Devices/IotHubs/hub`;
const hubBody = { location: "westeurope", sku: { name: "S1", capacity: 1 } };
const codeOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) => `${status} ${body?.error?.code}`;

test.each([
    ["the stand-ins' token", async () => "Bearer ours", "", 200],
    ["a token of the directory", async () => `Bearer ${await entra()}`, "?api-version=1", 200],
    ["one whose scheme is in small letters", async () => `bearer ${await entra()}`, "?api-version=1", 200],
    ["a token of the directory, without an api-version", async () => `Bearer ${await entra()}`, "", 400],
    ["a token that is longer", async () => "Bearer ours2", "", 401],
    ["another token", async () => "Bearer mine", "?api-version=1", 401],
    ["a token without its scheme", async () => "ours", "?api-version=1", 401],
    ["none", async () => "", "?api-version=1", 401],
])("%s is answered as it should be", async (_name, authorization, query, status) => {
    expect((await ask("GET", groupId + query, undefined, await authorization())).status).toBe(status);
});

async function entra(): Promise<string> {
    return (await directory.exchange(await directory.newAssertion(), "https://localhost/.default"))
        .accessToken;
}

test("a resource is put, read, asked and deleted, which finds nothing the second time", async () => {
    expect((await ask("PUT", hub, hubBody)).body).toMatchObject({ id: hub, name: "hub" });
    expect((await ask("GET", hub.toUpperCase().replace("SUBSCRIPTIONS", "subscriptions"))).body.id).toBe(hub);
    expect((await ask("POST", `${hub}/listkeys`)).body.value).toHaveLength(5);
    expect((await ask("DELETE", hub)).status).toBe(202);
    expect((await ask("DELETE", hub)).status).toBe(204);
    expect(codeOf(await ask("GET", hub))).toBe("404 ResourceNotFound");
});

test.each([
    ["GET", `${hub}/listkeys`, undefined, "404 InvalidResourceType"],
    ["POST", hub, {}, "404 InvalidResourceType"],
    ["PATCH", hub, {}, "404 InvalidResourceType"],
    ["PUT", `${groupId}/providers`, {}, "404 InvalidResourceType"],
    ["PUT", hub, "{", "400 InvalidRequestContent"],
    ["PUT", hub, " ".repeat(1024 * 1024 + 1), "413 RequestEntityTooLarge"],
    ["PUT", `${groupId}-2`, undefined, "400 LocationRequired"],
])("%s %s with another body or action is refused", async (method, path, body, expected) => {
    expect(codeOf(await ask(method, path, body))).toBe(expected);
});

test("a change that is made to fail is a conflict, a read is none, and the next one goes through", async () => {
    failing = ["Microsoft.Devices/IotHubs"];
    expect(codeOf(await ask("PUT", hub, hubBody))).toBe("409 Conflict");
    expect(codeOf(await ask("DELETE", hub))).toBe("409 Conflict");
    expect(codeOf(await ask("GET", hub))).toBe("404 ResourceNotFound");
    expect((await ask("GET", groupId)).status).toBe(200);
    failing = [];
    // A refusal holds up nobody who comes after it.
    const [refused, made] = await Promise.all([
        ask("PUT", hub, { location: "westeurope" }),
        ask("PUT", hub, hubBody),
    ]);
    expect([codeOf(refused), made.status]).toEqual(["400 400004", 201]);
    await ask("DELETE", hub);
});

test.each([
    [{ retryAfterS: 7 }, "7", "Please try again after '7' seconds."],
    [{}, null, "Please try again later."],
])(
    "a call that is one too many is refused, with the wait of %j, whatever it is",
    async (given, retryAfter, sentence) => {
        throttle = given;
        calls = [];
        for (const [method, path] of [
            ["GET", groupId],
            ["PUT", hub],
            ["GET", `${subscription}/locations`],
        ] as const) {
            const refused = await ask(method, path, method === "PUT" ? hubBody : undefined);
            expect(codeOf(refused)).toBe("429 SubscriptionRequestsThrottled");
            expect(refused.retryAfter).toBe(retryAfter);
            expect(refused.body.error.message).toContain(sentence);
        }
        expect((await ask("GET", "/own")).status).toBe(200);
        throttle = undefined;
        expect(codeOf(await ask("GET", hub))).toBe("404 ResourceNotFound");
        expect(calls).toEqual([
            `GET ${groupId}`,
            `PUT ${hub}`,
            `GET ${subscription}/locations`,
            `GET ${hub}`,
        ]);
    },
);

describe("the subscription", () => {
    const get = async (below: string) => (await ask("GET", subscription + below)).body;

    test("says what it is, and no other is there", async () => {
        expect(await get("")).toMatchObject({
            id: subscription,
            state: "Enabled",
            subscriptionPolicies: { quotaId: "PayAsYouGo_2014-09-01" },
        });
        const other = subscription.replace("0000-", "0001-");
        expect(codeOf(await ask("GET", other))).toBe("404 SubscriptionNotFound");
        expect(codeOf(await ask("GET", `${other}/locations`))).toBe("404 SubscriptionNotFound");
        const { value } = await get("/locations");
        expect(value.map(({ name }: { name: string }) => name)).toEqual([
            "westeurope",
            "northeurope",
            "eastus",
            "westus2",
        ]);
    });

    test("has the providers registered whose types are known, and lists its hubs", async () => {
        const devices = await get("/providers/microsoft.devices");
        expect(devices.registrationState).toBe("Registered");
        expect(
            devices.resourceTypes.map(({ resourceType }: { resourceType: string }) => resourceType),
        ).toEqual(["IotHubs", "provisioningServices"]);
        expect(await get("/providers/Microsoft.Dev")).toMatchObject({
            registrationState: "NotRegistered",
            resourceTypes: [],
        });
        expect(await get("/providers/Microsoft.Devices/IotHubs")).toEqual({ value: [] });
        await ask("PUT", hub, hubBody);
        expect((await get("/providers/Microsoft.Devices/IotHubs")).value).toMatchObject([{ id: hub }]);
        await ask("DELETE", hub);
    });

    test("has the sizes of machines in each region, or in the one that is asked for", async () => {
        const skus = "/providers/Microsoft.Compute/skus";
        expect((await get(skus)).value).toHaveLength(20);
        const here = (await get(`${skus}?$filter=${encodeURIComponent("location eq 'eastus'")}`)).value;
        expect(here).toHaveLength(5);
        expect(here[0]).toMatchObject({
            name: "Standard_B2ls_v2",
            family: "standardBsv2Family",
            locations: ["eastus"],
            capabilities: [
                { name: "vCPUs", value: "2" },
                { name: "CpuArchitectureType", value: "x64" },
                { name: "HyperVGenerations", value: "V1,V2" },
            ],
            restrictions: [],
        });
        expect(here.at(-1)).toMatchObject({
            name: "Standard_B2s",
            restrictions: [
                { type: "Location", values: ["eastus"], reasonCode: "NotAvailableForSubscription" },
            ],
        });
    });

    test("counts the cores of the machines in a region, by their family", async () => {
        const machine = (name: string, location: string, vmSize: string) =>
            azure.store.collection("arm-resources").put(`/machines/${name}`, {
                id: `/machines/${name}`,
                name,
                type: "Microsoft.Compute/virtualMachines",
                location,
                properties: { hardwareProfile: { vmSize } },
            });
        machine("a", "westeurope", "standard_b2LS_v2");
        machine("b", "westeurope", "Standard_D2s_v5");
        machine("c", "eastus", "Standard_B2ls_v2");
        const usages = await get("/providers/Microsoft.Compute/locations/westeurope/usages");
        const found = usages.value.map(
            (usage: { name: { value: string }; currentValue: number; limit: number }) => [
                usage.name.value,
                usage.currentValue,
                usage.limit,
            ],
        );
        expect(found).toEqual([
            ["cores", 4, 10],
            ["standardBsv2Family", 2, 10],
            ["standardBpsv2Family", 0, 10],
            ["standardDSv5Family", 2, 10],
            ["standardBSFamily", 0, 10],
        ]);
        for (const name of ["a", "b", "c"])
            azure.store.collection("arm-resources").remove(`/machines/${name}`);
    });

    test("says whether a label of a host is free in a region, in any letter case", async () => {
        await azure.put("Microsoft.Network/publicIPAddresses/ip", {
            sku: { name: "Standard" },
            properties: { publicIPAllocationMethod: "Static", dnsSettings: { domainNameLabel: "edge" } },
        });
        const free = async (region: string, label: string) =>
            (
                await get(
                    `/providers/Microsoft.Network/locations/${region}/CheckDnsNameAvailability?domainNameLabel=${label}`,
                )
            ).available;
        expect([await free("westeurope", "Edge"), await free("westeurope", "edge2")]).toEqual([false, true]);
        expect(await free("eastus", "edge")).toBe(true);
    });
});
