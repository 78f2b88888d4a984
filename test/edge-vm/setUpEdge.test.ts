import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellScript } from "../../edge-vm/shellScript";
import { testWithCommands } from "./tools";

const secretUrl = "https://vault.vault.azure.net/secrets/key/0123";
const fingerprint = "BC528686B50D79E339D3721CEB3E94ADBE1229CF";

/** A machine's root folder, and the commands that a real one would change it with. */
let root: string;
let bin: string;

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "machine-"));
    bin = join(root, "bin");
    for (const folder of ["bin", "etc/apt/sources.list.d", "usr/share/keyrings", "usr/local/sbin"]) {
        mkdirSync(join(root, folder), { recursive: true });
    }
    osRelease("ubuntu", "24.04", "noble");
    for (const name of ["apt-get", "apt-mark", "curl", "sleep"]) fake(name, "");
    fake("gpg", `[[ $* != *--export* ]] || echo "key $5"`);
    fake(
        "apt-cache",
        `echo 'Package: aziot-edge'; echo 'Depends: adduser, aziot-identity-service (= 1.6.2-1), sed'`,
    );
    fake("iotedge", `[[ $1 != list ]] || echo 'edgeAgent        running          Up 3 seconds'`);
    fake("fetchDeviceKey.sh", "", join(root, "usr/local/sbin"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A command that writes down what it was asked, and then does as `body` says. */
function fake(name: string, body: string, folder = bin): void {
    const log = `printf '%s\\n' "${name} $*" >>"${join(root, "calls")}"`;
    writeFileSync(join(folder, name), `#!/bin/bash\n${log}\n${body}\n`, { mode: 0o755 });
}

/** A command that fails its first `times` times. */
function failing(name: string, times: number, body = ""): void {
    const count = join(root, `${name}.count`);
    writeFileSync(count, "");
    fake(name, `echo x >>"${count}"; (($(wc -l <"${count}") > ${times})) || exit 1\n${body}`);
}

function osRelease(id: string, version: string, codename: string): void {
    const text = `ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`;
    writeFileSync(join(root, "etc/os-release"), text);
}

async function setUp(more: Record<string, string> = {}) {
    const console = join(root, "console");
    for (const file of [console, join(root, "calls")]) writeFileSync(file, "");
    const exitCode = await new Promise<number>((resolve) => {
        const script = join(root, "setUpEdge.sh");
        writeFileSync(script, shellScript(join(__dirname, "../../edge-vm/setUpEdge.sh")));
        const env = { PATH: `${bin}:${process.env.PATH}`, EDGE_ROOT: root, EDGE_CONSOLE: console, ...more };
        execFile("bash", [script, "1.6.4-1", secretUrl, "client-1"], { env }, (error) =>
            resolve(error ? Number(error.code) : 0),
        );
    });
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    return {
        exitCode,
        console: read("console").trimEnd().split("\n"),
        log: read("var/log/edge-setup.log"),
        calls: read("calls").trimEnd().split("\n"),
    };
}

const needed = ["bash", "sed", "mktemp"];

describe("the first boot", () => {
    testWithCommands(needed, "tells each stage in one line, on the console and in the log", async () => {
        const { exitCode, console, log } = await setUp();
        expect(console).toEqual([
            "edge-setup: 1/6 adding the package source",
            "edge-setup: 2/6 installing the container engine",
            "edge-setup: 3/6 installing IoT Edge 1.6.4-1",
            "edge-setup: 4/6 fetching the device key",
            "edge-setup: 5/6 applying the configuration",
            "edge-setup: 6/6 waiting for edgeAgent",
            "edge-setup: done: the device runs and waits for its deployment",
        ]);
        expect(log).toContain("edge-setup: 6/6");
        expect(exitCode).toBe(0);
    });

    testWithCommands(
        needed,
        "takes packages for this release, signed with the one key that it knows",
        async () => {
            const { calls } = await setUp();
            expect(readFileSync(join(root, "etc/apt/sources.list.d/microsoft-prod.list"), "utf8")).toBe(
                "deb [signed-by=/usr/share/keyrings/microsoft-prod.gpg] " +
                    "https://packages.microsoft.com/ubuntu/24.04/prod noble main\n",
            );
            expect(calls.find((call) => call.includes("--export"))).toContain(`--export ${fingerprint}`);
        },
    );

    testWithCommands(
        needed,
        "installs the pinned version with the identity service that it needs",
        async () => {
            const { calls } = await setUp();
            const installed = calls.filter((call) => / install /.test(call));
            expect(installed.at(-1)).toContain("install aziot-identity-service=1.6.2-1 aziot-edge=1.6.4-1");
            expect(calls).toContain("apt-mark hold aziot-edge aziot-identity-service");
        },
    );

    testWithCommands(
        needed,
        "fetches the key after the packages and before it applies anything",
        async () => {
            const { calls } = await setUp();
            const order = [/install .*aziot-edge=/, /^fetchDeviceKey\.sh/, /^iotedge config apply/].map(
                (pattern) => calls.findIndex((call) => pattern.test(call)),
            );
            expect(order).toEqual(order.toSorted((a, b) => a - b));
            expect(order).not.toContain(-1);
            expect(calls.find((call) => call.startsWith("fetchDeviceKey.sh"))).toBe(
                "fetchDeviceKey.sh http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01" +
                    "&resource=https%3A%2F%2Fvault.azure.net&client_id=client-1 " +
                    `${secretUrl}?api-version=7.4 ${root}/var/secrets/aziot/keyd/device-id aziotks`,
            );
        },
    );

    testWithCommands(needed, "tries again, waiting longer each time, what may succeed later", async () => {
        failing("curl", 3);
        const { exitCode, calls, console } = await setUp();
        expect(exitCode).toBe(0);
        expect(calls.filter((call) => call.startsWith("sleep"))).toEqual(["sleep 5", "sleep 10", "sleep 20"]);
        expect(console).toContain("edge-setup: try 3 of 6 failed, the next in 20 seconds");
    });

    test.each([
        [
            "no network",
            () => failing("apt-get", 99),
            /^edge-setup: failed while 1\/6 adding the package source: .*apt-get .* did not succeed in 6 tries/,
        ],
        [
            "an operating system without packages",
            () => osRelease("ubuntu", "26.04", "resolute"),
            /expected Ubuntu 22\.04, Ubuntu 24\.04 or Debian 12, found ubuntu 26\.04/,
        ],
        [
            "another signing key",
            () => fake("gpg", ""),
            new RegExp(`signing key of packages.microsoft.com is not ${fingerprint}`),
        ],
        [
            "a version that is gone",
            () => fake("apt-cache", "exit 100"),
            /failed while 3\/6 .*the package source has no aziot-edge 1\.6\.4-1/,
        ],
        [
            "a key that cannot be had",
            () => fake("fetchDeviceKey.sh", "exit 1", join(root, "usr/local/sbin")),
            /failed while 4\/6 fetching the device key: .*edge-setup\.log says why/,
        ],
        [
            "an agent that does not start",
            () => fake("iotedge", ""),
            /failed while 6\/6 waiting for edgeAgent: edge_agent_runs did not succeed in 8 tries/,
        ],
    ])("ends with one line that names the stage and the reason: %s", async (_what, breakIt, line) => {
        breakIt();
        const { exitCode, console } = await setUp();
        expect(exitCode).toBe(1);
        expect(console.at(-1)).toMatch(line);
        expect(console.filter((one) => one.includes("failed while"))).toHaveLength(1);
    });

    testWithCommands(needed, "goes on where there is no console to tell it on", async () => {
        const { exitCode, log } = await setUp({ EDGE_CONSOLE: join(root, "nowhere/console") });
        expect(exitCode).toBe(0);
        expect(log).toContain("edge-setup: done");
    });

    testWithCommands(needed, "adds to the log of an earlier try", async () => {
        mkdirSync(join(root, "var/log"), { recursive: true });
        writeFileSync(join(root, "var/log/edge-setup.log"), "an earlier try\n");
        expect((await setUp()).log).toMatch(/^an earlier try\nedge-setup: 1\/6/);
    });

    testWithCommands(needed, "refreshes the packages before and after it adds their source", async () => {
        fake("apt-get", 'echo "$DEBIAN_FRONTEND"; ls "$EDGE_ROOT/etc/apt/sources.list.d"');
        const { calls, log } = await setUp();
        const options = "-o DPkg::Lock::Timeout=600 --yes --no-install-recommends";
        expect(calls.filter((call) => call.startsWith("apt-get"))).toEqual([
            `apt-get ${options} update`,
            `apt-get ${options} install ca-certificates curl gpg python3`,
            `apt-get ${options} update`,
            `apt-get ${options} install moby-engine moby-cli`,
            `apt-get ${options} install aziot-identity-service=1.6.2-1 aziot-edge=1.6.4-1`,
        ]);
        // The first two do not see the source yet.
        expect(log.split("\n").filter((line) => /^noninteractive|list$/.test(line))).toEqual([
            ...["noninteractive", "noninteractive"],
            ...Array.from({ length: 3 }, () => ["noninteractive", "microsoft-prod.list"]).flat(),
        ]);
        expect(calls.find((call) => call.startsWith("curl"))).toMatch(
            /^curl --fail --silent --show-error --location --max-time 60 --output \S+ https:\/\/packages\.microsoft\.com\/keys\/microsoft\.asc$/,
        );
        expect(readFileSync(join(root, "usr/share/keyrings/microsoft-prod.gpg"), "utf8")).toMatch(/^key /);
    });

    testWithCommands(needed, "leaves nothing of the key's import behind", async () => {
        const temporary = join(root, "tmp");
        mkdirSync(temporary);
        expect((await setUp({ TMPDIR: temporary })).exitCode).toBe(0);
        expect(readdirSync(temporary)).toEqual([]);
    });

    testWithCommands(
        needed,
        "takes the first of several versions that the package source knows",
        async () => {
            fake(
                "apt-cache",
                'for v in 1.6.2-1 1.6.1-1; do echo "Depends: aziot-identity-service (= $v), sed"; done',
            );
            const { calls } = await setUp();
            expect(calls.join()).toContain("install aziot-identity-service=1.6.2-1 aziot-edge=1.6.4-1");
        },
    );

    testWithCommands(needed, "applies the configuration again where that fails", async () => {
        failing("iotedge", 2, `[[ $1 != list ]] || echo 'edgeAgent        running'`);
        const { exitCode, calls } = await setUp();
        expect(exitCode).toBe(0);
        expect(calls.filter((call) => call === "iotedge config apply")).toHaveLength(3);
    });

    test.each(["edgeAgent        stopped          Up", "edgeAgent2       running", "my edgeAgent  running"])(
        "does not take %j for an agent that runs",
        async (line) => {
            fake("iotedge", `[[ $1 != list ]] || echo '${line}'`);
            expect((await setUp()).exitCode).toBe(1);
        },
    );
});
