import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Message } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { signSas } from "../../local/planes/sas";
import { edge } from "./edge";
import { type CommandStack, createHub, startCommandStack } from "./localStack";

let stack: CommandStack;
beforeAll(async () => {
    stack = await startCommandStack();
});
afterAll(() => stack?.remove());

const onStack = (...args: string[]) => edge(...args, "--stack", stack.stack);
const fields = (connectionString: string) =>
    Object.fromEntries(
        connectionString.split(";").map((part) => [part.split("=")[0], part.slice(part.indexOf("=") + 1)]),
    );

/** Makes a device as anybody does who has the hub's connection string. */
async function createDevice(connectionString: string, ca: Buffer, deviceId: string): Promise<number> {
    const {
        HostName = "",
        SharedAccessKey: key = "",
        SharedAccessKeyName: policy,
    } = fields(connectionString);
    const expiresAt = new Date(Date.now() + 60_000);
    const authorization = signSas({ resource: HostName, key, policy, expiresAt });
    return new Promise((resolve, reject) => {
        const sent = request(
            `https://${HostName}/devices/${deviceId}?api-version=2021-04-12`,
            {
                method: "PUT",
                ca,
                headers: { Authorization: authorization, "Content-Type": "application/json" },
            },
            (response) => {
                response.resume();
                resolve(response.statusCode ?? 0);
            },
        );
        sent.on("error", reject);
        sent.end("{}");
    });
}

test("without a hub, or a local Azure, the commands end with 3 and say what to do", async () => {
    const none = await onStack("creds", "show", "hub");
    expect(none).toMatchObject({ exitCode: 3, stdout: "" });
    expect(none.stderr).toMatch(
        /^Expected an IoT Hub in stack test-\w+, found none\. Make one with: npm run edge/,
    );
    const stopped = await edge("monitor", "--stack", "not-there", "--once");
    expect(stopped).toMatchObject({ exitCode: 3, stdout: "" });
    expect(stopped.stderr).toMatch(
        /found it stopped\. Start it with: .*local start\. .*az iot hub monitor-events/,
    );
});

test("a stack of the cloud is told how to be asked", async () => {
    const { exitCode, stderr } = await edge("creds", "show", "device", "--stack", "dev");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/pulumi stack output deviceConnectionString --show-secrets/);
    expect((await edge("monitor", "--stack", "dev")).stderr).toMatch(/reads the local hub only/);
});

test.each([
    [["creds", "show", "hub"], /Exit codes: 0 printed.*Example: npm run -s edge -- creds show hub/s],
    [["creds", "show", "device"], /\{devices:\[\{deviceId, connectionString\}\]\}.*Exit codes.*Example/s],
    [["monitor"], /local hub only.*Exit codes.*Example/s],
])("%j --help shows an example and the exit codes", async (command, text) => {
    const { exitCode, stdout } = await edge(...command, "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(text);
});

test.each([[["--timeout", "soon"]], [["--nothing"]]])("monitor %j is wrong usage", async (args) => {
    expect(await onStack("monitor", ...args)).toMatchObject({ exitCode: 2, stdout: "" });
});

describe("with a hub and a device", () => {
    let hub: string;
    let device: string;
    let ca: Buffer;

    beforeAll(async () => {
        await createHub(stack);
        hub = JSON.parse((await onStack("creds", "show", "hub", "--json")).stdout).connectionString;
        const status = JSON.parse((await onStack("local", "status", "--json")).stdout);
        ca = readFileSync(status.hub.caFile);
        for (const id of ["d1", "d2"]) expect(await createDevice(hub, ca, id)).toBe(200);
    });

    test("creds prints connection strings that open the hub, of all devices or one", async () => {
        expect(fields(hub)).toMatchObject({ SharedAccessKeyName: "owner" });
        expect((await onStack("creds", "show", "hub")).stdout).toBe(`${hub}\n`);
        const { devices } = JSON.parse((await onStack("creds", "show", "device", "--json")).stdout);
        expect(devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual(["d1", "d2"]);
        const one = await onStack("creds", "show", "device", "--device", "d2");
        expect(one).toMatchObject({ exitCode: 0, stdout: `${devices[1].connectionString}\n` });
        device = devices[1].connectionString;
        const missing = await onStack("creds", "show", "device", "--device", "d3");
        expect(missing).toMatchObject({ exitCode: 3, stdout: "" });
        expect(missing.stderr).toMatch(/^Expected a device d3 with a symmetric key/);
    });

    test("monitor shows what a device sends, as it comes and from the beginning", async () => {
        const client = Client.fromConnectionString(device, Mqtt);
        await client.setOptions({ ca: ca.toString() });
        await client.open();
        // Told to begin with what comes, monitor may begin at any moment; so messages come until it has one.
        let isOver = false;
        const first = onStack("monitor", "--device", "d2", "--once", "--timeout", "40").finally(() => {
            isOver = true;
        });
        for (let n = 0; !isOver; n++) {
            const message = new Message(JSON.stringify({ n }));
            message.properties.add("site", "x");
            await client.sendEvent(message);
            await sleep(100);
        }
        await client.close();
        const { exitCode, stdout } = await first;
        expect(exitCode).toBe(0);
        expect(stdout).toMatch(/^\S+T\S+Z {2}d2 {2}\{"n":\d+\} {2}site=x\n$/);
        const all = await onStack("monitor", "--all", "--once", "--json");
        expect(JSON.parse(all.stdout)).toMatchObject({
            messages: [{ sequence: 1, deviceId: "d2", body: { n: 0 }, properties: { site: "x" } }],
        });
    });

    test("monitor ends with 1 when the one message it was to wait for does not come, otherwise with 0", async () => {
        const nothing = ["monitor", "--device", "d1", "--timeout", "0.5", "--json"];
        expect(await onStack(...nothing, "--once")).toMatchObject({ exitCode: 1 });
        const { exitCode, stdout } = await onStack(...nothing);
        expect([exitCode, JSON.parse(stdout)]).toEqual([0, { messages: [] }]);
    });
});
