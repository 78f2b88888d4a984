import { join } from "node:path";
import { startProvider, type TestPlugin } from "../../../support/plugin";
import { type Scripted, type ScriptedCloud, scriptedCloud } from "../azure/scriptedCloud";
import { withoutAccounts } from "../azure/signIn";
import { type Stacked, workOn } from "../stackedResource";

const hubId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h";
const key = Buffer.alloc(32, 5).toString("base64");
const identity = {
    deviceId: "d",
    etag: "e",
    status: "enabled",
    capabilities: { iotEdge: true },
    authentication: { type: "sas", symmetricKey: { primaryKey: "first", secondaryKey: "second" } },
};

let cloud: ScriptedCloud;
let keyed: TestPlugin;
let byEntra: TestPlugin;
/** One that waits for no answer for long. */
let hasty: TestPlugin;
const started: TestPlugin[] = [];

async function startConfigured(settings: Record<string, string>, isHasty = false): Promise<TestPlugin> {
    const loaded = isHasty ? ["shortWaits.js", "shortPatience.js"] : ["shortWaits.js"];
    const env = withoutAccounts({
        ARM_METADATA_HOSTNAME: cloud.host,
        ARM_TENANT_ID: "tenant",
        ARM_CLIENT_ID: "client",
        ARM_CLIENT_SECRET: "secret",
        NODE_EXTRA_CA_CERTS: cloud.caFile,
        NODE_OPTIONS: loaded.map((file) => `--require ${join(__dirname, file)}`).join(" "),
    });
    const one = await startProvider(env);
    started.push(one);
    const named = Object.entries(settings).map(([name, value]) => [`iotedge:config:${name}`, value]);
    await one.configure(Object.fromEntries(named));
    return one;
}

beforeAll(async () => {
    cloud = await scriptedCloud();
    const hubConnectionString = `HostName=${cloud.host};SharedAccessKeyName=p;SharedAccessKey=${key}`;
    keyed = await startConfigured({ hubConnectionString });
    hasty = await startConfigured({ hubConnectionString }, true);
    byEntra = await startConfigured({});
});
afterAll(async () => {
    for (const one of started) await one.stop();
    cloud?.close();
});
beforeEach(() => {
    cloud.asked.length = 0;
});

const state = (place: object) => ({ ...place, deviceId: "d", edge: true, status: "enabled" });
const resource = (place: object): Stacked => ({
    urn: workOn(() => keyed, "Device").urn(),
    id: "id",
    inputs: state(place),
    state: state(place),
});

/** Reads a device of a hub that answers like this. */
async function read(plugin: TestPlugin, script: Scripted[], place: object = { hubHostName: cloud.host }) {
    cloud.script = script;
    const found = await workOn(() => plugin, "Device")
        .refresh(resource(place))
        .then(
            (one) => ({ found: one?.state }),
            (error: { details: string }) => ({ message: error.details }),
        );
    return { ...found, asked: cloud.asked.filter(({ url }) => url.pathname === "/devices/d").length };
}

const well: Scripted = { status: 200, json: identity };
const cut: Scripted = { cut: true, status: 0 };
const hangs: Scripted = { hangs: true, status: 0 };
const refuses = (status: number, headers: Record<string, string> = {}): Scripted => ({
    status,
    text: "",
    headers: { "iothub-errorcode": "Scripted", ...headers },
});

describe("a call to a hub that is in trouble", () => {
    test.each<[string, Scripted[]]>([
        ["throttles", [refuses(429), refuses(429)]],
        ["throttles and says how long", [refuses(429, { "retry-after": "1" })]],
        ["has a fault of its own", [refuses(500), refuses(503)]],
        ["breaks the connection", [cut]],
        ["breaks it in the middle of its answer", [{ ...well, cutAfter: 10 }]],
        ["hangs", [hangs]],
        ["hangs in the middle of its answer", [{ ...well, hangsAfter: 10 }]],
    ])("is repeated with pauses when the hub %s", async (_, troubles) => {
        const isHanging = troubles.some(({ hangs, hangsAfter }) => hangs || hangsAfter);
        const answer = await read(isHanging ? hasty : keyed, [...troubles, well]);
        expect(answer).toMatchObject({ found: { primaryKey: "first" }, asked: troubles.length + 1 });
    });

    test.each<[string, Scripted, RegExp]>([
        [
            "throttles",
            refuses(429),
            /^Expected localhost:\d+ to carry out GET \/devices\/d, found 429 Scripted\.$/,
        ],
        ["is broken", refuses(500), /found 500 Scripted\.$/],
    ])("ends where the hub goes on: it %s", async (_, trouble, sentence) => {
        expect(await read(keyed, [trouble])).toEqual({ message: expect.stringMatching(sentence), asked: 7 });
    });

    test("is not repeated when the hub refuses it, and tells of no key", async () => {
        expect(await read(keyed, [refuses(403)])).toEqual({
            message:
                `Expected ${cloud.host} to carry out GET /devices/d, found 403 Scripted. ` +
                "Check the rights of the policy p, and hubConnectionString.",
            asked: 1,
        });
    });

    test("shows the hub's words, cut where they go on for long", async () => {
        const answer = await read(keyed, [{ ...refuses(400), text: "word ".repeat(1000) }]);
        expect((answer as { message: string }).message.length).toBeLessThan(700);
    });
});

describe("a hub that is opened by Entra", () => {
    test("is waited for where a role was assigned a moment ago", async () => {
        expect(await read(byEntra, [refuses(401), refuses(403), well])).toMatchObject({
            found: { primaryKey: "first" },
            asked: 3,
        });
    });

    test("is not asked at all where nobody can be signed in", async () => {
        cloud.refusal = {
            status: 400,
            json: { error: "invalid_client", error_description: "AADSTS7000215: No." },
        };
        const fresh = await startConfigured({});
        expect(await read(fresh, [well])).toEqual({
            message: expect.stringMatching(/ by a client secret, found: AADSTS7000215: No\. /),
            asked: 0,
        });
        expect(cloud.asked.filter(({ url }) => url.pathname.endsWith("/token"))).toHaveLength(1);
        cloud.refusal = undefined;
    });

    test("is given up in the end, with the role that is missing", async () => {
        expect(await read(byEntra, [refuses(401)])).toEqual({
            message:
                `Expected ${cloud.host} to carry out GET /devices/d, found 401 Scripted. ` +
                'Give whoever deploys the role "IoT Hub Data Contributor" on it.',
            asked: 8,
        });
    });
});

describe("a hub that is named by its id", () => {
    const place = { hubId };
    const hub = (properties: object): Scripted => ({ status: 200, json: { properties } });
    const policy = (keyName: string, rights: string) => ({ keyName, primaryKey: key, rights });
    const keysOf = (...value: object[]): Scripted => ({ status: 200, json: { value } });
    const keys = keysOf(policy("p", "RegistryWrite, ServiceConnect"));
    const forbidden: Scripted = {
        status: 403,
        json: { error: { code: "AuthorizationFailed", message: "No right." } },
    };

    test("is opened with the key of the policy that has the fewest rights that suffice", async () => {
        // A right to write includes the one to read.
        const all = policy("all", "RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect");
        const few = policy("few", "ServiceConnect, RegistryWrite");
        const less = policy("less", "RegistryRead, ServiceConnect");
        const fresh = await startConfigured({});
        await read(fresh, [hub({ hostName: cloud.host }), keysOf(less, all, few), well], place);
        expect(cloud.asked.at(-1)?.headers.authorization).toMatch(/&skn=few$/);
        const named = await startConfigured({ hubPolicyName: "all" });
        await read(named, [hub({ hostName: cloud.host }), { status: 200, json: all }, well], place);
        expect(cloud.asked.at(-1)?.headers.authorization).toMatch(/&skn=all$/);
        expect(cloud.asked.at(-2)?.url.pathname).toBe(`${hubId}/IotHubKeys/all/listkeys`);
    });

    test("whose keys one may not list says every way out", async () => {
        const answer = await read(byEntra, [hub({ hostName: cloud.host }), forbidden], place);
        expect(answer).toEqual({
            message:
                `Expected Azure to carry out POST ${hubId}/listkeys, found 403 AuthorizationFailed: No right. ` +
                `Give whoever deploys the right to list the keys of ${hubId}, set hubAuth to entra (role "IoT Hub Data ` +
                'Contributor"), or name the service by its host name and set hubConnectionString (or IOTHUB_CONNECTION_STRING).',
            asked: 0,
        });
    });

    test("that has no host name yet is said to be under way", async () => {
        expect(await read(byEntra, [hub({})], place)).toEqual({
            message: `Expected ${hubId} to tell its host name, found none. It may still be under way: repeat the command.`,
            asked: 0,
        });
    });

    test("is not gone where ARM refuses to say", async () => {
        expect(await read(byEntra, [forbidden], place)).toMatchObject({
            message: expect.stringContaining("403 AuthorizationFailed"),
        });
    });

    test("whose key is refused twice is asked for a new one once", async () => {
        const found = hub({ hostName: cloud.host });
        const answer = await read(byEntra, [found, keys, refuses(401), found, keys, refuses(401)], place);
        expect(answer).toEqual({
            message: expect.stringMatching(/found 401 Scripted\. Check the rights of the policy p\.$/),
            asked: 2,
        });
    });
});

describe("an entry of a provisioning service that somebody else changes at the same moment", () => {
    const news = {
        provisioningServiceHostName: "",
        registrationId: "e",
        hubHostName: "h",
        allocationPolicy: "static",
        edge: true,
        status: "enabled",
    };
    const symmetricKey = { primaryKey: key, secondaryKey: key };

    test("is written on top of what it is then", async () => {
        const inputs = { ...news, provisioningServiceHostName: cloud.host };
        const entry = (etag: string): Scripted => ({ status: 200, json: { registrationId: "e", etag } });
        cloud.script = [
            { status: 200, json: { type: "symmetricKey", symmetricKey } },
            entry('"one"'),
            refuses(412),
            entry('"two"'),
            entry('"three"'),
        ];
        const enrollments = workOn(() => byEntra, "Enrollment");
        const before = { urn: enrollments.urn(), id: "id", inputs, state: { ...inputs, ...symmetricKey } };
        const changed = await enrollments.update(before, { ...inputs, status: "disabled" });
        expect(changed.state).toMatchObject({ status: "disabled", ...symmetricKey });
        const writes = cloud.asked.filter(({ method }) => method === "PUT");
        expect(writes.map(({ headers }) => headers["if-match"])).toEqual(['"one"', '"two"']);
    });

    test("that attests in another way cannot be imported", async () => {
        cloud.script = [
            { status: 200, json: { registrationId: "e", etag: "1" } },
            { status: 200, json: { type: "x509", x509: {} } },
        ];
        const enrollments = workOn(() => byEntra, "Enrollment");
        await expect(enrollments.import(`${cloud.host}/enrollments/e`)).rejects.toThrow(
            "Expected /enrollments/e to attest by symmetric keys, found another way. " +
                "Enroll with X.509 or a TPM without this resource.",
        );
    });
});
