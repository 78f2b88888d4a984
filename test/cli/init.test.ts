import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { project } from "./edge";
import { runCommand } from "./runCommand";

/** What was asked for, and what is answered: the first of the choices, or a text with the question in it. */
const asked: string[] = [];
jest.mock("@inquirer/prompts", () => ({
    input: async ({ message }: { message: string }) => {
        asked.push(message);
        const answers = { Region: "northeurope", OpenSSH: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2u" };
        return Object.entries(answers).find(([start]) => message.startsWith(start))?.[1] ?? "";
    },
    select: async ({ message, choices }: { message: string; choices: { value: string }[] }) => {
        asked.push(message);
        return choices[0]?.value;
    },
    confirm: async ({ message }: { message: string }) => {
        asked.push(message);
        return true;
    },
}));

const stack = `test-init-${process.pid}`;
const files = () => readdirSync(project).filter((name) => name.startsWith(`Pulumi.${stack}`));
const read = (name = stack) => parse(readFileSync(join(project, `Pulumi.${name}.yaml`), "utf8")).config;
const own = ["--region", "westeurope", "--hub-sku", "F1", "--device", "own", "--check", "none"];
const vm = ["--region", "westeurope", "--hub-sku", "S1", "--device", "vm", "--check", "http"];
const key = ["--ssh-public-key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2u"];
const init = (...args: string[]) => runCommand("init", "--stack", stack, ...args);

function onTerminal(isTTY: boolean): void {
    Object.defineProperty(process.stdin, "isTTY", { value: isTTY, configurable: true });
}
const { isTTY } = process.stdin;
beforeEach(() => {
    onTerminal(false);
    asked.length = 0;
});
afterEach(() => {
    for (const name of files()) rmSync(join(project, name));
});
afterAll(() => onTerminal(isTTY));

test("flags alone become the configuration of the stack, and one document says where it is", async () => {
    const { exitCode, stdout } = await init(...own, "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ stack, file: `Pulumi.${stack}.yaml` });
    expect(read()).toEqual({
        "azure-native:location": "westeurope",
        "edge-classifier:hubSku": "F1",
        "edge-classifier:check": "none",
        "edge-classifier:edgeVm": false,
    });
});

test("each flag of a machine is that setting, and those that open it may be left out", async () => {
    const open = ["--ssh-from", "198.51.100.7/32", "--http-from", "203.0.113.0/24,10.0.0.0/8"];
    const { exitCode, stdout } = await init(...vm, ...key, ...open);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`npm run edge -- doctor --stack ${stack}`);
    expect(read()).toMatchObject({
        "edge-classifier:hubSku": "S1",
        "edge-classifier:check": "http",
        "edge-classifier:edgeVm": true,
        "edge-classifier:sshPublicKey": key[1],
        "edge-classifier:sshFrom": ["198.51.100.7/32"],
        "edge-classifier:httpFrom": ["203.0.113.0/24", "10.0.0.0/8"],
    });
    expect((await init(...vm, ...key, "--force")).exitCode).toBe(0);
    expect(read()).toMatchObject({ "edge-classifier:sshFrom": [], "edge-classifier:httpFrom": [] });
});

test("a configuration that is there stays, unless --force says otherwise", async () => {
    const place = join(project, `Pulumi.${stack}.yaml`);
    writeFileSync(place, "mine");
    const refused = await init(...own);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toBe(
        `Expected no Pulumi.${stack}.yaml yet, found one. Write over it with --force, or choose --stack NAME.\n`,
    );
    expect(readFileSync(place, "utf8")).toBe("mine");
    expect((await init(...own, "--force")).exitCode).toBe(0);
    expect(read()).toMatchObject({ "edge-classifier:hubSku": "F1" });
});

test("the stack that comes with the project is the usual one, and is not written over", async () => {
    const { exitCode, stderr } = await runCommand("init", ...own);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Expected no Pulumi.dev.yaml yet")]);
});

test.each(["", "Dev", "-dev", "dev_1", "a/b", "dev.1", "x".repeat(41)])(
    "the stack %j is refused before anything is written",
    async (name) => {
        const { exitCode, stderr } = await runCommand("init", "--stack", name, ...own);
        expect(exitCode).toBe(2);
        expect(stderr).toBe(
            `Expected a stack name of 1 to 40 lower-case letters, digits or dashes, found "${name}".\n`,
        );
    },
);

test("a stack's name may have 40 characters", async () => {
    const name = stack.padEnd(40, "0-");
    expect((await runCommand("init", "--stack", name, ...own)).exitCode).toBe(0);
    expect(existsSync(join(project, `Pulumi.${name}.yaml`))).toBe(true);
});

test("answers that the program would refuse are refused in one go, and nothing is written", async () => {
    const { exitCode, stdout, stderr } = await init(
        ...["--region", "Mars", "--hub-sku", "B1", "--device", "pi", "--check", "maybe"],
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toEqual([
        expect.stringMatching(/device to be own or vm, found "pi"/),
        expect.stringMatching(/region to be one of Azure's names/),
        expect.stringMatching(/`hubSku`.*found "B1"/),
        expect.stringMatching(/`check`.*found "maybe"/),
    ]);
    expect(files()).toEqual([]);
});

test("one bad answer is enough", async () => {
    const { exitCode, stderr } = await init(...own.slice(0, -1), "maybe");
    expect([exitCode, stderr.trim().split("\n")]).toEqual([2, [expect.stringContaining('found "maybe"')]]);
    expect(files()).toEqual([]);
});

test.each([
    [[], "--region, --hub-sku, --device, --check"],
    [["--region", "westeurope", "--check", "none"], "--hub-sku, --device"],
    [vm, "--ssh-public-key"],
])("without a terminal, the flags that miss beside %j are named", async (flags, missing) => {
    const { exitCode, stderr } = await init(...flags);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
        `Expected a terminal to ask in, or the flags ${missing}. See: npm run edge -- init --help\n`,
    );
    expect(files()).toEqual([]);
});

describe("on a terminal", () => {
    beforeEach(() => onTerminal(true));

    test("it asks for what no flag says", async () => {
        expect((await init()).exitCode).toBe(0);
        expect(asked).toEqual([
            "Region of Azure",
            "Tier of the IoT Hub",
            "Make a virtual machine that becomes the device?",
            expect.stringMatching(/^OpenSSH public key/),
            expect.stringMatching(/^Ranges that may connect by SSH/),
            expect.stringMatching(/^Ranges that may ask the classifier/),
            "How an update is verified",
        ]);
        expect(read()).toMatchObject({
            "azure-native:location": "northeurope",
            "edge-classifier:hubSku": "F1",
            "edge-classifier:edgeVm": true,
            "edge-classifier:check": "reported",
        });
    });

    test("it asks nothing of a machine that there is none of", async () => {
        expect((await init(...own)).exitCode).toBe(0);
        expect(asked).toEqual([]);
    });
});
