import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** A process that runs `script` by Node as the set-up runs a command. */
function running(script: string): ChildProcess {
    const runs = `require("./setup/runCommand").runCommand(
        { root: process.cwd(), env: process.env },
        ["-e", ${JSON.stringify(script)}],
    )`;
    return spawn(process.execPath, ["-e", runs], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
}

describe("whoever sets up ends as the command ended", () => {
    test.each<[string, string, [number | null, NodeJS.Signals | null]]>([
        ["with its exit code", "process.exitCode = 7", [7, null]],
        ["by the signal that ended it", "process.kill(process.pid, 'SIGTERM')", [null, "SIGTERM"]],
    ])("%s", async (_, script, end) => {
        expect(await once(running(script), "close")).toEqual(end);
    });

    test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("after it has passed %s on to it", async (signal) => {
        const outer = running(
            `process.on(${JSON.stringify(signal)}, () => process.exit(5)); setInterval(() => {}, 1000); console.log("runs")`,
        );
        if (outer.stdout) await once(outer.stdout, "data");
        outer.kill(signal);
        expect(await once(outer, "close")).toEqual([5, null]);
    });
});
