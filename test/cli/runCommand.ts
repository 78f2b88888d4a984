import { Command, CommanderError } from "commander";
import { commands } from "../../cli/commands";
import { CommandError } from "../../cli/exitCodes";

/** How a command ended and what it wrote. */
export interface CommandEnd {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** The commands of the table with their code, all of them or those that `words` name, on a program of their own. */
export function programOf(words?: readonly string[]): Command {
    const program = new Command("edge");
    for (const [name, { description, add }] of Object.entries(commands)) {
        const path = name.split(" ");
        if (words && !path.every((word, place) => words[place] === word)) continue;
        const last = path.pop() ?? "";
        const parent = path.reduce(
            (above, word) => above.commands.find((one) => one.name() === word) ?? above,
            program,
        );
        if (add) add(parent);
        else parent.command(last).description(description);
    }
    return program;
}

/**
 * Runs one command in this process, which takes milliseconds where `edge()` takes a second. What only a process of its
 * own shows (the command line as a whole, streams, signals) is tested with `edge()`.
 */
export async function runCommand(...args: string[]): Promise<CommandEnd> {
    const program = programOf(args);
    const written = { stdout: "", stderr: "" };
    const into = (stream: "stdout" | "stderr") =>
        jest.spyOn(process[stream], "write").mockImplementation((text) => {
            written[stream] += text;
            return true;
        });
    const spies = [into("stdout"), into("stderr")];
    try {
        throwAtExit(program);
        await program.parseAsync(args, { from: "user" });
        return { exitCode: 0, ...written };
    } catch (error) {
        if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, ...written };
        if (!(error instanceof CommandError)) throw error;
        return { ...written, exitCode: error.exitCode, stderr: `${written.stderr}${error.message}\n` };
    } finally {
        for (const spy of spies) spy.mockRestore();
    }
}

function throwAtExit(command: Command): void {
    command.exitOverride();
    for (const child of command.commands) throwAtExit(child);
}
