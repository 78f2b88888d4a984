import type { Command } from "commander";
import { edge } from "./edge";
import { programOf, runCommand } from "./runCommand";

/** Every command that does something, by its words. */
function leaves(command: Command, words: readonly string[] = []): { words: string[]; command: Command }[] {
    if (command.commands.length === 0) return [{ words: [...words], command }];
    return command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}

const cloud = ["init", "device install-script"];
const all = leaves(programOf());

test("the commands are those that the pages name", () => {
    expect(all.map(({ words }) => words.join(" "))).toEqual([
        "first-run",
        ...["up", "base-image", "preview", "destroy", "start", "stop", "status", "env", "logs", "reset"].map(
            (name) => `local ${name}`,
        ),
        ...["monitor", "creds show hub", "creds show device", "device install-script"],
        ...["manifest render", "manifest validate", "manifest diff", "model train", "model import"],
        ...["doctor", "init"],
    ]);
});

describe.each(all.map(({ words, command }) => [words.join(" "), words, command] as const))(
    "edge %s",
    (name, words, command) => {
        test("takes --json and --stack, of its own kind of stack where none is named", () => {
            const options = new Map(command.options.map((option) => [option.long, option.defaultValue]));
            expect(options.has("--json")).toBe(true);
            // The pre-flight looks at either kind.
            const usual = cloud.includes(name) ? "dev" : "local";
            expect(options.get("--stack")).toBe(name === "doctor" ? undefined : usual);
            expect(options.has("--stack")).toBe(true);
        });

        test("explains itself with an example that begins as it is typed", async () => {
            const { exitCode, stdout, stderr } = await runCommand(...words, "--help");
            expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
            expect(stdout).toMatch(new RegExp(`^Usage: edge ${name}`));
            expect(stdout).toMatch(/Example: .*npm run /);
        });

        test("refuses an option that it does not have as wrong usage", async () => {
            const required = command.registeredArguments.filter((one) => one.required).map(() => "x");
            const { exitCode, stdout, stderr } = await runCommand(...words, ...required, "--colour");
            expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
            expect(stderr).toContain("unknown option '--colour'");
        });
    },
);

test.each<[string[], number, RegExp]>([
    [["local", "stop", "now"], 2, /too many arguments/],
    [["local", "up", "--runtime", "vm"], 2, /Allowed choices are auto, container, process/],
    [["local", "start", "--faults", "hub=2"], 2, /Expected --faults to be none, or settings/],
    [["local", "destroy", "--faults", "hub=2"], 2, /Expected --faults to be none, or settings/],
    [["manifest", "diff", "-", "-"], 2, /at most one of the two .* standard input, found both/],
    [
        ["local", "status", "--stack", "not-there"],
        3,
        /^Expected the local Azure of stack not-there .* local start\n$/,
    ],
    [["local", "logs", "--stack", "not-there"], 3, /^Expected logs of stack not-there, found none\.\n$/],
    [["local", "stop", "--stack", "Not-There"], 2, /^Expected a stack name of 1 to 40 lower-case letters/],
    [["local", "stop", "--stack", "dev"], 2, /found Pulumi\.dev\.yaml of a stack that is not local/],
])("edge %j ends with %i and one sentence", async (args, exitCode, text) => {
    const ended = await runCommand(...args);
    expect(ended.stderr).toMatch(text);
    expect(ended).toMatchObject({ exitCode, stdout: "" });
});

test.each<[string[], number, "stdout" | "stderr", RegExp]>([
    [["--help"], 0, "stdout", /first-run.*doctor.*Exit codes: 0 done, 1 failed, 2 wrong usage.*Example/s],
    [["help", "local"], 0, "stdout", /^Usage: edge local .*take everything in the stack away/s],
    [[], 2, "stderr", /^Usage: edge/],
    [["locale"], 2, "stderr", /unknown command 'locale'/],
])("edge %j, as a process, ends with %i and explains itself on %s", async (args, exitCode, stream, text) => {
    const ended = await edge(...args);
    expect(ended[stream]).toMatch(text);
    expect(ended).toMatchObject({ exitCode, [stream === "stdout" ? "stderr" : "stdout"]: "" });
});
