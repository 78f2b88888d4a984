import { parseConnectionString } from "../../../infra/provider/service/connectionString";
import type { Properties, Provider } from "../../../provider-protocol/provider";
import {
    answerBy,
    hubId,
    identity,
    resourceOf,
    type ServiceCall,
    type ServiceReply,
    scriptedProvider,
    stacked,
    well,
} from "./scriptedServices";

/** The name of the policy tells which of its keys a call was signed with. */
let current: number;
/** How often ARM was asked for the keys. */
let listed: number;
let calls: ServiceCall[];

beforeEach(() => {
    current = 1;
    listed = 0;
    calls = answerBy((call) => {
        if (call.path.endsWith("/listkeys")) {
            listed += 1;
            return listing(`key-${current}`);
        }
        const isSigned = call.host === "arm.example" || call.authorization.endsWith(`&skn=key-${current}`);
        return isSigned ? well(call) : { status: 401 };
    });
});

function listing(keyName: string): ServiceReply {
    const rights = "RegistryWrite, ServiceConnect, EnrollmentWrite";
    return { status: 200, json: { value: [{ keyName, primaryKey: "a2V5", rights }] } };
}

const inService = Object.keys(stacked).filter((type) => type !== "RegistryTokenPassword");
type Act = (provider: Provider, type: string, inputs: Properties, state: Properties) => Promise<unknown>;
const acts: Record<string, Act> = {
    "a creation": (provider, type, inputs) => provider.create(resourceOf(type), inputs, false),
    "a read": (provider, type, inputs, state) => provider.read(resourceOf(type), "id", inputs, state),
    "an update": (provider, type, inputs, state) =>
        provider.update(resourceOf(type), "id", { ...inputs, ...changes[type] }, state, false),
    "a deletion": (provider, type, _, state) => provider.delete(resourceOf(type), "id", state),
};
const changes: Record<string, Properties> = {
    Device: { status: "disabled", tags: { a: 1 } },
    Enrollment: { status: "disabled" },
    EnrollmentGroup: { status: "disabled" },
};
const rows = inService.flatMap((type) =>
    Object.entries(acts).map(([what, act]) => [what, type, act] as const),
);

describe("a key that was rotated after it was asked for", () => {
    // Reading a check asks ARM where the hub is, and deleting one asks nobody.
    const asking = rows.filter(([what, type]) => type !== "DeploymentCheck" || /creation|update/.test(what));

    test.each(asking)("is asked for anew by %s of a %s", async (_, type, act) => {
        const { inputs = {}, state = {} } = stacked[type] ?? {};
        const provider = scriptedProvider();
        const opening = type.startsWith("Enrollment") ? "Enrollment" : "Device";
        await provider.read(
            resourceOf(opening),
            "id",
            stacked[opening]?.inputs ?? {},
            stacked[opening]?.state ?? {},
        );
        expect(listed).toBe(1);
        current = 2;
        await act(provider, type, inputs, state);
        expect(listed).toBe(2);
        // It is remembered for what comes next.
        await act(provider, type, inputs, state);
        expect(listed).toBe(2);
    });

    test("is asked for once more in every call, so that a second rotation is no fault either", async () => {
        const { inputs = {}, state = {} } = stacked.Device ?? {};
        const provider = scriptedProvider();
        for (current of [1, 2, 3, 4])
            expect(await provider.read(resourceOf("Device"), "id", inputs, state)).toBeDefined();
        expect(listed).toBe(4);
    });

    test("and is refused again is told, with what to look at", async () => {
        answerBy((call) => (call.host === "arm.example" ? well(call) : { status: 401 }));
        const { inputs = {}, state = {} } = stacked.Device ?? {};
        await expect(scriptedProvider().read(resourceOf("Device"), "id", inputs, state)).rejects.toThrow(
            /found 401 401\. Check the rights of the policy owner\.$/,
        );
    });

    test("shows a refusal of ARM that comes in its place", async () => {
        const provider = scriptedProvider();
        const { inputs = {}, state = {} } = stacked.Device ?? {};
        await provider.read(resourceOf("Device"), "id", inputs, state);
        const forbidden = { status: 403, json: { error: { code: "AuthorizationFailed", message: "No." } } };
        answerBy((call) => (call.host === "arm.example" ? forbidden : { status: 401 }));
        await expect(provider.read(resourceOf("Device"), "id", inputs, state)).rejects.toThrow(
            /found 403 AuthorizationFailed: No\./,
        );
    });
});

describe("a service that is opened", () => {
    test("is asked for once in a run, whatever letters its id has", async () => {
        const provider = scriptedProvider();
        for (const id of [hubId, hubId.toUpperCase()]) {
            const inputs = { ...stacked.Device?.inputs, hubId: id };
            await provider.read(resourceOf("Device"), "id", inputs, inputs);
        }
        expect(listed).toBe(1);
        provider.configure?.({});
        await provider.read(resourceOf("Device"), "id", stacked.Device?.inputs ?? {}, {});
        expect(listed).toBe(2);
    });

    test("is asked for again where that failed", async () => {
        const provider = scriptedProvider();
        const { inputs = {}, state = {} } = stacked.Device ?? {};
        const forbidden = { status: 403, json: { error: { code: "AuthorizationFailed", message: "No." } } };
        answerBy(() => forbidden);
        await expect(provider.read(resourceOf("Device"), "id", inputs, state)).rejects.toThrow(/403/);
        answerBy(well);
        expect(await provider.read(resourceOf("Device"), "id", inputs, state)).toBeDefined();
    });

    test.each([
        [
            "the fewest rights that suffice",
            ["all", "RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect"],
            ["few", "ServiceConnect,RegistryWrite"],
        ],
        ["all the rights it needs", ["half", "RegistryWrite"], ["few", "ServiceConnect, RegistryWrite"]],
        [
            "rights whose names are not parts of others",
            ["like", "RegistryWriteX, ServiceConnectX"],
            ["few", "RegistryWrite, ServiceConnect"],
        ],
    ])("is signed for by the policy with %s", async (_, ...policies) => {
        const value = policies.map(([keyName, rights]) => ({ keyName, rights, primaryKey: "a2V5" }));
        calls = answerBy((call) =>
            call.path.endsWith("/listkeys") ? { status: 200, json: { value } } : well(call),
        );
        const { inputs = {}, state = {} } = stacked.Device ?? {};
        await scriptedProvider().read(resourceOf("Device"), "id", inputs, state);
        expect(calls.find(({ host }) => host === "h.example")?.authorization).toMatch(/&skn=few$/);
    });

    test.each<[string, Record<string, string>, object, string, string]>([
        ["a hub by default", {}, {}, "Device", "key"],
        ["a hub without local authentication", {}, { disableLocalAuth: true }, "Device", "entra"],
        ["a hub by choice", { hubAuth: "entra" }, {}, "Device", "entra"],
        ["a hub against its setting", { hubAuth: "key" }, { disableLocalAuth: true }, "Device", "key"],
        ["a provisioning service, however the hub is", { hubAuth: "entra" }, {}, "Enrollment", "key"],
        ["a provisioning service by its own", {}, {}, "EnrollmentGroup", "key"],
    ])("is opened as it is to be: %s", async (_, settings, properties, type, by) => {
        calls = answerBy((call) => {
            const names = { hostName: "h.example", serviceOperationsHostName: "d.example" };
            const isService = call.host === "arm.example" && !call.path.endsWith("/listkeys");
            return isService
                ? { status: 200, json: { properties: { ...names, ...properties } } }
                : well(call);
        });
        const { inputs = {}, state = {} } = stacked[type] ?? {};
        await scriptedProvider(settings).read(resourceOf(type), "id", inputs, state);
        const [own] = calls.filter(({ host }) => host !== "arm.example");
        expect(own?.host).toBe(type === "Device" ? "h.example" : "d.example");
        expect(own?.authorization).toMatch(by === "key" ? /^SharedAccessSignature / : /^Bearer a-token$/);
        expect(calls.some(({ path }) => path.endsWith("/listkeys"))).toBe(by === "key");
    });

    test.each([
        ["Device", "/IotHubKeys/our%2Fown/listkeys"],
        ["Enrollment", "/listkeys"],
    ])("asks for the key of the policy that is named for hubs: a %s at %s", async (type, path) => {
        calls = answerBy((call) =>
            call.path.endsWith("our%2Fown/listkeys")
                ? {
                      status: 200,
                      json: {
                          keyName: "our/own",
                          primaryKey: "a2V5",
                          rights: "RegistryWrite, ServiceConnect",
                      },
                  }
                : well(call),
        );
        const { inputs = {}, state = {} } = stacked[type] ?? {};
        await scriptedProvider({ hubPolicyName: "our/own" }).read(resourceOf(type), "id", inputs, state);
        const asked = calls.filter((call) => call.path.endsWith("/listkeys"));
        expect(asked).toEqual([
            expect.objectContaining({
                method: "POST",
                path: expect.stringMatching(new RegExp(`/[hd]${path}$`)),
            }),
        ]);
    });

    test("by its host name takes the connection string that names it, in any letters, and no other", async () => {
        const named = (host: string) => `HostName=${host};SharedAccessKeyName=ours;SharedAccessKey=a2V5`;
        calls = answerBy(({ path }) => ({ status: 200, json: path.startsWith("/twins") ? {} : identity }));
        const { hubId: _, ...place } = { ...stacked.Device?.inputs, hubHostName: "h.example" } as Properties;
        for (const hubConnectionString of [named("H.Example"), named("other.example")])
            await scriptedProvider({ hubConnectionString }).read(resourceOf("Device"), "id", place, place);
        expect(calls.map(({ authorization }) => authorization)).toEqual([
            expect.stringMatching(/^SharedAccessSignature sr=h\.example&.*&skn=ours$/i),
            "Bearer a-token",
        ]);
    });
});

describe("a service connection string", () => {
    test("is taken apart in any order, with = in its key", () => {
        const text = "SharedAccessKey=a==;HostName=h;SharedAccessKeyName=p;GatewayHostName=g";
        expect(parseConnectionString(text)).toEqual({ hostName: "h", keyName: "p", key: "a==" });
    });

    test.each(["HostName", "SharedAccessKeyName", "SharedAccessKey"])("without %s is refused", (missing) => {
        const parts = ["HostName=h", "SharedAccessKeyName=p", "SharedAccessKey=hunter2"];
        const text = parts.filter((part) => !part.startsWith(`${missing}=`)).join(";");
        expect(() => parseConnectionString(text, "it")).toThrow(/^Expected it to be of the form HostName=/);
        expect(() => parseConnectionString(text)).not.toThrow(/hunter2/);
    });
});
