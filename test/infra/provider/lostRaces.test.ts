import {
    answerBy,
    identity,
    resourceOf,
    type ServiceCall,
    type ServiceReply,
    scriptedProvider,
    stacked,
    well,
} from "./scriptedServices";

// biome-ignore lint/suspicious/noExplicitAny: an entry of any kind, as somebody else may have changed it
type Entry = any;

/** What is in the registry or in the service, at which version; somebody else changes it before each of so many writes. */
let entry: Entry;
let version: number;
let others: number;
let theirs: object;
let calls: ServiceCall[];

beforeEach(() => {
    version = 1;
    others = 0;
    theirs = {};
    calls = answerBy(answer);
});

function answer(call: ServiceCall): ServiceReply {
    const { method, path, ifMatch, body } = call;
    if (!/^\/(devices|enrollments|enrollmentGroups)\/[^/]+$/.test(path)) return well(call);
    if (method === "PUT") {
        if (ifMatch === null) return { status: 409 };
        if (others-- > 0) {
            version += 1;
            entry = { ...entry, ...theirs };
        }
        if (ifMatch !== "*" && ifMatch !== `"v${version}"`) return { status: 412 };
        version += 1;
        entry = body;
    }
    // A hub's versions come without quotes, those of a provisioning service with them.
    const etag = path.startsWith("/devices") ? `v${version}` : `"v${version}"`;
    return { status: 200, json: { ...entry, etag } };
}

const ours = (changes: object) => ({ ...identity, ...changes });
const record = { iotHubs: ["h.example"], allocationPolicy: "static", capabilities: { iotEdge: true } };
const disabled = { status: "disabled" };

function update(type: string) {
    const { inputs = {}, state = {} } = stacked[type] ?? {};
    return scriptedProvider().update(resourceOf(type), "id", { ...inputs, ...disabled }, state, false);
}
const create = (change: object = disabled) =>
    scriptedProvider().create(resourceOf("Device"), { ...stacked.Device?.inputs, ...change }, false);

const writes: [string, object, object, () => Promise<unknown>, object][] = [
    [
        "an update of a device",
        ours({}),
        { capabilities: { iotEdge: false } },
        () => update("Device"),
        disabled,
    ],
    ["a device that is taken over", ours({}), { extra: 1 }, () => create(), disabled],
    [
        "an update of an enrollment",
        record,
        { allocationPolicy: "hashed" },
        () => update("Enrollment"),
        { provisioningStatus: "disabled", allocationPolicy: "static" },
    ],
    [
        "an update of a group",
        record,
        { allocationPolicy: "hashed" },
        () => update("EnrollmentGroup"),
        { provisioningStatus: "disabled", allocationPolicy: "static" },
    ],
];

describe.each(writes)("%s", (_, before, change, act, after) => {
    const versions = () =>
        calls.flatMap(({ method, ifMatch }) => (method === "PUT" && ifMatch ? [ifMatch] : []));
    beforeEach(() => {
        entry = before;
        theirs = change;
    });

    test("names the version that it has read", async () => {
        await act();
        expect(versions()).toEqual(['"v1"']);
        expect(entry).toMatchObject(after);
    });

    test.each([1, 3])(
        "is written again on top of what it is then, where others were first %i times",
        async (times) => {
            others = times;
            await act();
            expect(versions()).toEqual(['"v1"', '"v2"', '"v3"', '"v4"'].slice(0, times + 1));
            expect(entry).toMatchObject(after);
        },
    );

    test("is given up where others are always first, with the service's words", async () => {
        others = 99;
        await expect(act()).rejects.toThrow(/to carry out PUT \S+, found 412 412/);
        expect(versions()).toHaveLength(4);
    });
});

describe("a device that is taken over", () => {
    test("is left to whoever has made it theirs meanwhile", async () => {
        entry = ours({});
        theirs = { statusReason: "Mine." };
        others = 1;
        await expect(create()).rejects.toThrow(
            /^Expected the hub to have no device "d" yet, found one that this stack/,
        );
        expect(entry).toMatchObject({ status: "enabled", statusReason: "Mine." });
    });

    test.each([
        ["an edge device, which it is", true, true],
        ["a device without IoT Edge, which it is", false, false],
    ])("is as it was where %s is asked for", async (_, iotEdge, edge) => {
        entry = ours({ capabilities: { iotEdge } });
        const { properties } = await create({ edge });
        expect(properties).toMatchObject({
            primaryKey: { value: "first" },
            secondaryKey: { value: "second" },
        });
        expect(version).toBe(1);
    });

    test.each([
        ["an edge device", false, true],
        ["a device without IoT Edge", true, false],
    ])("is refused where %s is asked for, which it is not", async (_, iotEdge, edge) => {
        entry = ours({ capabilities: { iotEdge } });
        await expect(create({ edge })).rejects.toThrow(/found one that this stack did not create/);
        expect(version).toBe(1);
    });

    test("keeps what others have changed beside meanwhile", async () => {
        entry = ours({});
        theirs = { cloudToDeviceMessageCount: 7 };
        others = 1;
        await create();
        expect(entry).toMatchObject({ ...disabled, ...theirs });
    });

    test("keeps its keys where it is written", async () => {
        entry = ours({});
        await create();
        expect(entry.authentication).toEqual(identity.authentication);
    });
});

test.each([400, 401, 403, 500])(
    "a device is not taken over where its creation is refused with %i",
    async (status) => {
        entry = ours({});
        calls = answerBy((call) => (call.method === "PUT" ? { status } : answer(call)));
        await expect(create()).rejects.toThrow(new RegExp(`to carry out PUT /devices/d, found ${status} `));
        expect(calls.filter(({ host, method }) => host === "h.example" && method === "GET")).toEqual([]);
    },
);

test.each(["Enrollment", "EnrollmentGroup"])(
    "a %s is taken for ours only where it exists, not where it is refused",
    async (type) => {
        calls = answerBy((call) => (call.method === "PUT" ? { status: 400 } : answer(call)));
        const made = scriptedProvider().create(resourceOf(type), stacked[type]?.inputs ?? {}, false);
        await expect(made).rejects.toThrow(/to carry out PUT \S+, found 400 /);
    },
);

test("a write is not repeated for another refusal than a lost race", async () => {
    for (const type of ["Device", "Enrollment", "EnrollmentGroup"]) {
        entry = type === "Device" ? ours({}) : record;
        calls = answerBy((call) => (call.method === "PUT" ? { status: 409 } : answer(call)));
        await expect(update(type)).rejects.toThrow(/found 409 /);
        expect(calls.filter(({ method }) => method === "PUT")).toHaveLength(1);
    }
});
