import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Message } from "azure-iot-device";
import { Mqtt } from "azure-iot-device-mqtt";
import { signSas } from "../../local/planes/sas";
import { edge, project } from "./edge";
import { type CommandStack, createHub, startCommandStack } from "./localStack";
import { runCommand } from "./runCommand";

let stack: CommandStack;
beforeAll(async () => {
    stack = await startCommandStack();
});
afterAll(() => stack?.remove());

const onStack = (...args: string[]) => runCommand(...args, "--stack", stack.stack);
const fields = (connectionString: string) =>
    Object.fromEntries(
        connectionString.split(";").map((part) => [part.split("=")[0], part.slice(part.indexOf("=") + 1)]),
    );

/** Makes a device as anybody does who has the hub's connection string. */
async function createDevice(
    connectionString: string,
    ca: Buffer,
    deviceId: string,
    authentication?: object,
): Promise<number> {
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
        sent.end(JSON.stringify({ deviceId, authentication }));
    });
}

test("without a hub, or a local Azure, the commands end with 3 and say what to do", async () => {
    const none = await onStack("creds", "show", "hub");
    expect(none).toMatchObject({ exitCode: 3, stdout: "" });
    expect(none.stderr).toMatch(
        /^Expected an IoT Hub in stack test-\w+, found none\. Make one with: npm run edge/,
    );
    const stopped = await runCommand("monitor", "--stack", "not-there", "--once");
    expect(stopped).toMatchObject({ exitCode: 3, stdout: "" });
    expect(stopped.stderr).toMatch(
        /found it stopped\. Start it with: .*local start\. .*az iot hub monitor-events/,
    );
});

test("a stack of the cloud is told how to be asked", async () => {
    const { exitCode, stderr } = await runCommand("creds", "show", "device", "--stack", "dev");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/pulumi stack output deviceConnectionString --show-secrets/);
    expect((await runCommand("monitor", "--stack", "dev")).stderr).toMatch(/reads the local hub only/);
});

test.each([
    [["creds", "show", "hub"], /Exit codes: 0 printed.*Example: npm run -s edge -- creds show hub/s],
    [["creds", "show", "device"], /\{devices:\[\{deviceId, connectionString\}\]\}.*Exit codes.*Example/s],
    [["monitor"], /local hub only.*Exit codes.*Example/s],
])("%j --help shows an example and the exit codes", async (command, text) => {
    const { exitCode, stdout } = await runCommand(...command, "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(text);
});

test.each([
    ...["soon", "0", "-1", "Infinity", "1000001", ""].map((seconds) => [["--timeout", seconds]]),
    [["--nothing"]],
])("monitor %j is wrong usage", async (args) => {
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
        // It has no key, and so no connection string.
        expect(await createDevice(hub, ca, "with-certificate", { type: "certificateAuthority" })).toBe(200);
    });

    test("creds prints connection strings that open the hub, of all devices or one", async () => {
        expect(fields(hub)).toMatchObject({ SharedAccessKeyName: "owner" });
        expect((await onStack("creds", "show", "hub")).stdout).toBe(`${hub}\n`);
        const { devices } = JSON.parse((await onStack("creds", "show", "device", "--json")).stdout);
        expect(devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual(["d1", "d2"]);
        const one = await onStack("creds", "show", "device", "--device", "d2");
        expect(one).toMatchObject({ exitCode: 0, stdout: `${devices[1].connectionString}\n` });
        device = devices[1].connectionString;
        for (const id of ["d3", "with-certificate"]) {
            const missing = await onStack("creds", "show", "device", "--device", id);
            expect(missing).toMatchObject({ exitCode: 3, stdout: "" });
            expect(missing.stderr).toMatch(`Expected a device ${id} with a symmetric key`);
        }
    });

    test("monitor shows what a device sends, as it comes and from the beginning", async () => {
        const client = Client.fromConnectionString(device, Mqtt);
        await client.setOptions({ ca: ca.toString() });
        await client.open();
        // Told to begin with what comes, monitor may begin at any moment; so messages come until it has one.
        let isOver = false;
        const named = ["--stack", stack.stack, "--device", "d2", "--once", "--timeout", "40"];
        const first = edge("monitor", ...named).finally(() => {
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

    test("monitor of a device shows those of no other, oldest first, each with its own number", async () => {
        const all = JSON.parse(
            (await onStack("monitor", "--all", "--timeout", "0.5", "--json")).stdout,
        ).messages;
        expect(all.length).toBeGreaterThan(1);
        expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
            all.map((_: unknown, place: number) => place + 1),
        );
        const others = await onStack("monitor", "--all", "--device", "d1", "--timeout", "0.5", "--json");
        expect(JSON.parse(others.stdout)).toEqual({ messages: [] });
    });

    test("status tells the hub, the registry, each device and each process in a line", async () => {
        const { stdout } = await onStack("local", "status");
        const { processes } = JSON.parse((await onStack("local", "status", "--json")).stdout);
        expect(stdout.split("\n").slice(0, 2)).toEqual([
            expect.stringMatching(/^hub {18}localhost:\d+$/),
            `${"registry".padEnd(20)} none`,
        ]);
        expect(stdout).toContain(`\nprocess ${processes[0].pid} `);
        expect(stdout).not.toContain("faults");
    });
});

describe("the running stack", () => {
    const { EDGE_PULUMI } = process.env;
    beforeAll(() => {
        process.env.EDGE_PULUMI = "/the/engine";
    });
    afterAll(() => {
        if (EDGE_PULUMI === undefined) delete process.env.EDGE_PULUMI;
        else process.env.EDGE_PULUMI = EDGE_PULUMI;
    });
    const folder = () => join(project, ".local/stacks", stack.stack);

    test("is not started twice, and keeps what is said of faults", async () => {
        const before = JSON.parse((await onStack("local", "status", "--json")).stdout).processes[0].pid;
        const { exitCode, stdout } = await onStack("local", "start", "--faults", "slow=0.01");
        expect([exitCode, stdout]).toEqual([
            0,
            `The local Azure of stack ${stack.stack} runs as process ${before}.\n`,
        ]);
        expect(JSON.parse((await onStack("local", "start", "--json")).stdout)).toEqual({
            stack: stack.stack,
            pid: before,
        });
        expect((await onStack("local", "status")).stdout).toMatch(/^faults {15}slow=0\.01$/m);
    });

    test("has an environment, as lines for a shell or as one document", async () => {
        const { set, unset } = JSON.parse((await onStack("local", "env", "--json")).stdout);
        expect(set).toMatchObject({
            PATH: expect.stringMatching(/^\/the\/engine\/bin:/),
            PULUMI_BACKEND_URL: `file://${folder()}/state?metadata=skip`,
            PULUMI_CONFIG_PASSPHRASE_FILE: `${folder()}/passphrase`,
        });
        expect(Array.isArray(unset)).toBe(true);
        const { stdout } = await onStack("local", "env");
        expect(stdout).toContain(`export PULUMI_HOME='${folder()}/pulumi'\n`);
    });

    test("has the logs of the local Azure and of each module, and no other file", async () => {
        const device = join(folder(), "azure/devices/hub1/d1");
        mkdirSync(join(device, "logs"), { recursive: true });
        for (const name of ["logs/m.log", "logs/m.log.1", "m.log"])
            writeFileSync(join(device, name), `of ${name}`);
        const { files } = JSON.parse((await onStack("local", "logs", "--json")).stdout);
        expect(files).toEqual([join(folder(), "azure/log"), join(device, "logs/m.log")]);
        const { stdout } = await edge("local", "logs", "--stack", stack.stack);
        expect(stdout.endsWith(`==> ${device}/logs/m.log\nof logs/m.log`)).toBe(true);
        expect(stdout.startsWith(`==> ${folder()}/azure/log\n`)).toBe(true);
    });

    test("is stopped once, and then there is nothing to ask", async () => {
        expect((await onStack("local", "stop")).stdout).toBe("Stopped the local Azure and its modules.\n");
        expect((await onStack("local", "stop")).stdout).toBe("The local Azure was not running.\n");
        expect(JSON.parse((await onStack("local", "stop", "--json")).stdout)).toEqual({
            stack: stack.stack,
            stopped: false,
        });
        for (const words of [
            ["local", "status"],
            ["creds", "show", "hub"],
            ["creds", "show", "device"],
            ["monitor"],
        ])
            expect(await onStack(...words)).toMatchObject({
                exitCode: 3,
                stdout: "",
                stderr: expect.stringMatching(
                    /found it stopped\. Start it with: npm run edge -- local start/,
                ),
            });
    });
});
