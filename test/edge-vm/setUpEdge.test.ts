import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { shellScript } from "../../edge-vm/shellScript";
import { defaultCheckTimeouts } from "../../infra/checkTimeout";
import { aptGet, type StandInMachine, standInMachine } from "./standInMachine";
import { testWithCommands } from "./tools";

const secretUrl = "https://vault.vault.azure.net/secrets/key/0123";
const fingerprint = "BC528686B50D79E339D3721CEB3E94ADBE1229CF";

let machine: StandInMachine;
let root: string;

beforeEach(() => {
    machine = standInMachine();
    root = machine.root;
    machine.osRelease("ubuntu", "24.04", "noble");
    fakeKeyFetch("");
});
afterEach(() => machine.remove());

const fake: StandInMachine["fake"] = (...args) => machine.fake(...args);
const fakeKeyFetch = (body: string) => fake("fetchDeviceKey.sh", body, join(root, "usr/local/sbin"));

/** A command that fails its first `times` times. */
function failing(name: string, times: number, body = ""): void {
    const count = join(root, `${name}.count`);
    writeFileSync(count, "");
    fake(name, `echo x >>"${count}"; (($(wc -l <"${count}") > ${times})) || exit 1\n${body}`);
}

async function setUp(more: Record<string, string> = {}) {
    const console = join(root, "console");
    machine.forgetCalls();
    writeFileSync(console, "");
    const exitCode = await new Promise<number>((resolve) => {
        const script = join(root, "setUpEdge.sh");
        writeFileSync(script, shellScript(join(__dirname, "../../edge-vm/setUpEdge.sh")));
        const env = { PATH: machine.bin, EDGE_ROOT: root, EDGE_CONSOLE: console, ...more };
        execFile("bash", [script, "1.6.4-1", secretUrl, "client-1"], { env }, (error) =>
            resolve(error ? Number(error.code) : 0),
        );
    });
    return {
        exitCode,
        console: machine.read("console").trimEnd().split("\n"),
        log: machine.read("var/log/edge-setup.log"),
        calls: machine.calls(),
    };
}

/** The waits of the script that fetches the key, where the token and the key both come at its last try. */
async function waitsOfKeyFetch(): Promise<string> {
    const counted = `count="$ROOT/asked.count"; echo x >>"$count"; asked=$(wc -l <"$count")`;
    const found = '{"access_token":"token","value":"a2V5LW9mLXRoZS1kZXZpY2U="}';
    machine.forgetCalls();
    const folder = join(root, "key-fetch");
    mkdirSync(folder);
    fake("sleep", "", folder);
    fake("curl", `${counted}; ((asked % 24 == 0)) && printf '${found}\\n200' || printf '\\n404'`, folder);
    fake("python3", `cat >/dev/null; echo a2V5`, folder);
    fake("chown", "", folder);
    const script = join(folder, "fetchDeviceKey.sh");
    writeFileSync(script, shellScript(join(__dirname, "../../edge-vm/fetchDeviceKey.sh")));
    const env = { PATH: `${folder}:${machine.bin}` };
    const args = [script, "http://token", "https://secret", join(folder, "secrets/key"), "aziotks"];
    await promisify(execFile)("bash", args, { env });
    return `${machine.calls().join("\n")}\n`;
}

/** How long a machine would have slept. */
function secondsOf(calls: readonly string[]): number {
    return calls.reduce((sum, call) => sum + Number(/^sleep (\d+)$/.exec(call)?.[1] ?? 0), 0);
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
            () => machine.osRelease("ubuntu", "26.04", "resolute"),
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
            "an engine that does not start",
            () => writeFileSync(join(root, "engine/broken"), ""),
            /failed while 2\/6 installing the container engine: expected dockerd to run, found failed to start daemon: .*Iptables not found; journalctl --unit docker says more\. Mend that until this works, .*: systemctl restart docker$/,
        ],
        [
            "an engine that says nothing",
            () => fake("docker", "exit 1", join(root, "stand-ins")),
            /expected dockerd to run, found no answer to docker version; /,
        ],
        [
            "an engine whose settings keep API 1.41 out",
            () => {
                machine.packagedEngine("1.44", "1.52");
                mkdirSync(join(root, "etc/docker"));
                writeFileSync(join(root, "etc/docker/daemon.json"), '{"min-api-version": "1.44"}');
            },
            /expected the container engine to answer API 1\.41, which IoT Edge speaks, found 1\.44 and newer only\. Set "min-api-version": "1\.41" in \/etc\/docker\/daemon\.json/,
        ],
        [
            "an engine that is too old",
            () => machine.packagedEngine("1.12", "1.40"),
            /expected the container engine to speak API 1\.41, as IoT Edge does, found 1\.40 at most\. Update it to Docker 20\.10 or newer\.$/,
        ],
        [
            "a key that cannot be had",
            () => fakeKeyFetch("exit 1"),
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

    testWithCommands(
        needed,
        "installs by name what the engine's package only recommends, and finds the engine running",
        async () => {
            const { exitCode } = await setUp();
            expect(exitCode).toBe(0);
            expect(readdirSync(join(root, "installed"))).toEqual(
                expect.arrayContaining(["apparmor", "iptables", "kmod", "moby-engine"]),
            );
            expect(machine.read("engine/running")).toBe("1.24 1.47\n");
        },
    );

    testWithCommands(needed, "waits for an engine that starts late", async () => {
        writeFileSync(join(root, "engine/broken"), "");
        fake("sleep", 'rm "$ROOT/engine/broken"');
        const { exitCode, calls } = await setUp();
        expect(exitCode).toBe(0);
        expect(calls).toContain("systemctl start docker");
    });

    const dropIn = "etc/systemd/system/docker.service.d/iot-edge.conf";

    testWithCommands(
        needed,
        "has an engine answer API 1.41 that would not, as Docker 29.0 does not",
        async () => {
            machine.packagedEngine("1.44", "1.52");
            const { exitCode, console, calls } = await setUp();
            expect(exitCode).toBe(0);
            expect(console.join("\n")).toMatch(
                /answers API 1\.44 and newer only, and IoT Edge speaks 1\.41: /,
            );
            expect(machine.read(dropIn)).toBe("[Service]\nEnvironment=DOCKER_MIN_API_VERSION=1.41\n");
            expect(machine.read("engine/running")).toBe("1.41 1.52\n");
            expect(calls.indexOf("systemctl daemon-reload")).toBe(
                calls.indexOf("systemctl restart docker") - 1,
            );
        },
    );

    test.each([
        ["1.24", "1.41"],
        ["1.40", "1.54"],
        ["1.41", "1.52"],
        ["1.9", "1.100"],
    ])("leaves an engine as it is that answers API %s to %s", async (least, most) => {
        machine.packagedEngine(least, most);
        const { exitCode, calls } = await setUp();
        expect(exitCode).toBe(0);
        expect(calls).not.toContain("systemctl restart docker");
        expect(existsSync(join(root, dropIn))).toBe(false);
    });

    testWithCommands(
        needed,
        "has an end that the check of the stack waits for, where every stage succeeds at its last try",
        async () => {
            const everyNth = (n: number) =>
                `count="$ROOT/$(basename "$0").count"; echo x >>"$count"; (($(wc -l <"$count") % ${n} == 0))`;
            fake("apt-get", `${everyNth(6)} || exit 1\n${aptGet}`);
            fake("curl", `${everyNth(6)} || exit 1`);
            fake(
                "fetchDeviceKey.sh",
                'cat "$ROOT/fetch-waits" >>"$ROOT/calls"',
                join(root, "usr/local/sbin"),
            );
            writeFileSync(join(root, "fetch-waits"), await waitsOfKeyFetch());
            fake("docker", `${everyNth(5)} || exit 1; echo 1.24 1.47`, join(root, "stand-ins"));
            fake(
                "iotedge",
                `[[ $1 == list ]] || { ${everyNth(6)}; exit; }
                count="$ROOT/list.count"; echo x >>"$count"; (($(wc -l <"$count") == 8)) || exit 1
                echo 'edgeAgent   running'`,
            );
            const { exitCode, calls } = await setUp();
            expect(exitCode).toBe(0);
            expect(secondsOf(calls)).toBe(5 * 155 + 155 + 2 * 600 + 75 + 155 + 635);
            expect(secondsOf(calls)).toBeLessThan(defaultCheckTimeouts.machine);
        },
    );

    testWithCommands(needed, "refreshes the packages before and after it adds their source", async () => {
        fake("apt-get", `echo "$DEBIAN_FRONTEND"; ls "$ROOT/etc/apt/sources.list.d"\n${aptGet}`);
        const { calls, log } = await setUp();
        const options = "-o DPkg::Lock::Timeout=600 --yes --no-install-recommends";
        expect(calls.filter((call) => call.startsWith("apt-get"))).toEqual([
            `apt-get ${options} update`,
            `apt-get ${options} install ca-certificates curl gpg python3`,
            `apt-get ${options} update`,
            `apt-get ${options} install iptables apparmor kmod moby-engine moby-cli`,
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
