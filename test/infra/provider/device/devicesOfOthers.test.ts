import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ChangingProxy, changingProxy } from "../changingProxy";
import {
    askService,
    azure,
    configuredProvider,
    provider,
    putHub,
    type TestService,
    useLocalServices,
} from "../localServices";
import { type ResourceWork, workOn } from "../stackedResource";

useLocalServices();
const devices = workOn(() => provider, "Device");

let hub: TestService;
let hubId: string;
beforeAll(async () => {
    hub = await putHub("hub-shared");
    hubId = hub.id;
});

const identityOf = async (deviceId: string) => (await askService(hub, "GET", `/devices/${deviceId}`)).body;
const refusal = (deviceId: string) =>
    `Expected the hub to have no device "${deviceId}" yet, found one that this stack did not create. ` +
    "Choose another name (pulumi config set deviceId NAME), delete that device, or import it: " +
    "pulumi import iotedge:index:Device.";

describe("a device that is in the hub already", () => {
    test("is taken over, keys and all, when an interrupted creation is repeated", async () => {
        const inputs = { hubId, deviceId: "repeated", tags: { a: 1 } };
        const first = await devices.create(inputs);
        expect(await devices.create(inputs)).toEqual(first);
    });

    test("becomes what the repeated creation asks for", async () => {
        const symmetricKey = {
            primaryKey: Buffer.alloc(32, 1).toString("base64"),
            secondaryKey: Buffer.alloc(32, 2).toString("base64"),
        };
        const inputs = { hubId, deviceId: "changed" };
        const first = await devices.create(inputs);
        const repeated = await devices.create({ ...inputs, status: "disabled" });
        expect(repeated.state).toEqual({ ...first.state, status: "disabled" });
        expect(await devices.refresh(repeated)).toEqual(repeated);
        const keyed = await devices.create({ ...inputs, symmetricKey });
        expect(keyed.state).toMatchObject(symmetricKey);
        expect(await devices.refresh(keyed)).toEqual(keyed);
        const certified = await devices.create({ ...inputs, thumbprints: ["A".repeat(40)] });
        expect(await devices.refresh(certified)).toEqual(certified);
        const again = await devices.create(inputs);
        expect(again.state.primaryKey).toHaveLength(44);
        expect(await devices.refresh(again)).toEqual(again);
    });

    test.each([
        ["another resource of this stack", "twice", { name: "other" }],
        ["a device without IoT Edge", "plain", { edge: false }],
    ])(
        "is refused where it is %s",
        async (_, deviceId, { name, edge = true }: { name?: string; edge?: boolean }) => {
            const { state } = await devices.create({ hubId, deviceId, edge }, name);
            await expect(devices.create({ hubId, deviceId })).rejects.toThrow(refusal(deviceId));
            expect((await identityOf(deviceId)).authentication.symmetricKey.primaryKey).toBe(
                state.primaryKey,
            );
        },
    );

    test("is refused where somebody else has made it", async () => {
        await askService(hub, "PUT", "/devices/foreign", { body: { deviceId: "foreign" } });
        await expect(devices.create({ hubId, deviceId: "foreign" })).rejects.toThrow(refusal("foreign"));
    });
});

describe("a device that somebody else changes at the same moment", () => {
    let proxy: ChangingProxy;
    let raced: ResourceWork;
    beforeAll(async () => {
        proxy = await changingProxy(hub);
        const caFile = join(azure.stack.folder, "both.pem");
        writeFileSync(caFile, proxy.caPem);
        const between = await configuredProvider({}, { NODE_EXTRA_CA_CERTS: caFile });
        raced = workOn(() => between, "Device");
    });
    afterAll(() => proxy?.close());

    async function race(deviceId: string, times: number) {
        const inputs = { hubHostName: proxy.hostName, deviceId };
        const made = await raced.create(inputs);
        proxy.writes.length = 0;
        let left = times;
        proxy.beforeWrite = async () => {
            if (left-- <= 0) return;
            const body = { ...(await identityOf(deviceId)), capabilities: { iotEdge: false } };
            await askService(hub, "PUT", `/devices/${deviceId}`, { body, ifMatch: "*" });
        };
        return raced.update(made, { ...inputs, status: "disabled" }).finally(() => {
            proxy.beforeWrite = undefined;
        });
    }

    test("is changed on top of what it is then", async () => {
        await race("raced", 1);
        expect(proxy.writes).toEqual(["PUT /devices/raced", "PUT /devices/raced"]);
        expect(await identityOf("raced")).toMatchObject({
            status: "disabled",
            capabilities: { iotEdge: true },
        });
    });

    test("again and again is given up, with the hub's words", async () => {
        await expect(race("racing", 9)).rejects.toThrow(
            /to carry out PUT \/devices\/racing, found 412 PreconditionFailed/,
        );
        expect(proxy.writes).toHaveLength(4);
    });
});
