import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../../local/device/clock";
import {
    type ModuleProcess,
    startProcess,
    stopOrphan,
} from "../../../../../local/device/modules/process/moduleProcess";
import { identify, type ProcessIdentity } from "../../../../../setup/processIdentity";
import { until } from "../../../../support/waiting";
import { testClock } from "../../testClock";

let folder: string;
let started: ModuleProcess | undefined;

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "module-"));
});
afterEach(async () => {
    await started?.stop(systemClock);
    started = undefined;
    rmSync(folder, { recursive: true, force: true });
});

const log = () => readFileSync(join(folder, "log"), "utf8");

async function start(
    script: string,
    record: (identity: ProcessIdentity) => void = () => {},
): Promise<ModuleProcess> {
    started = await startProcess(
        {
            command: process.execPath,
            args: ["-e", script],
            cwd: folder,
            env: { ONLY: "this" },
            logFile: join(folder, "log"),
        },
        record,
    );
    return started;
}

test("a process is on record before it runs, under the number and start that it keeps", async () => {
    const file = join(folder, "ran");
    let recorded: ProcessIdentity | undefined;
    const { identity } = await start(
        `require("node:fs").writeFileSync("ran", String(process.pid)); setInterval(() => {}, 1000)`,
        (identity) => {
            expect(existsSync(file)).toBe(false);
            recorded = identity;
        },
    );
    expect(recorded).toEqual(identity);
    await until("the module", () => existsSync(file) && readFileSync(file, "utf8") !== "");
    expect(Number(readFileSync(file, "utf8"))).toBe(identity.pid);
    expect(identify(identity.pid)).toEqual(identity);
});

test("a process whose starter is killed before it was put on record never runs", () => {
    const script = `
        const { startProcess } = require("./local/device/modules/process/moduleProcess");
        const [folder] = process.argv.slice(1);
        const spec = { command: "/usr/bin/touch", args: [folder + "/ran"], cwd: folder, env: {}, logFile: folder + "/log" };
        startProcess(spec, (identity) => {
            require("node:fs").writeFileSync(folder + "/pid", String(identity.pid));
            process.kill(process.pid, "SIGKILL");
        });`;
    expect(spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", script, folder]).signal).toBe("SIGKILL");
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    return until("the gate to close", () => identify(pid) === undefined).then(() => {
        expect(existsSync(join(folder, "ran"))).toBe(false);
    });
});

test("it sees the environment that it is given and no other, and its output is kept", async () => {
    const { exited } = await start("console.log(JSON.stringify(process.env)); console.error('oh')");
    expect(await exited).toBe(0);
    const [environment = "", error] = log().split("\n");
    const { PWD: _shell, OLDPWD: _too, SHLVL: _level, _: _command, ...rest } = JSON.parse(environment);
    expect([rest, error]).toEqual([{ ONLY: "this" }, "oh"]);
});

test("its end is told with its code, or with 128 and the number of the signal that ended it", async () => {
    expect(await (await start("process.exit(3)")).exited).toBe(3);
    const { identity, exited } = await start("setInterval(() => {}, 1000)");
    process.kill(identity.pid, "SIGKILL");
    expect(await exited).toBe(137);
});

test("stopping asks first and waits for the end", async () => {
    const { stop, exited } = await start(
        `process.on("SIGTERM", () => { console.log("bye"); process.exit(5); }); setInterval(() => {}, 1000); console.log("on")`,
    );
    await until("the module", () => log().includes("on"));
    await stop(systemClock);
    expect([await exited, log()]).toEqual([5, "on\nbye\n"]);
});

test("a process that will not end is killed after ten seconds, with what it started", async () => {
    const clock = testClock();
    const { stop, exited, identity } = await start(`
        process.on("SIGTERM", () => console.log("no"));
        const child = require("node:child_process").spawn("sleep", ["1000"]);
        setInterval(() => {}, 1000);
        console.log(child.pid);`);
    await until("the module", () => log() !== "");
    const child = Number(log().trim());
    const stopped = stop(clock);
    await until("the refusal", () => log().includes("no"));
    clock.advance(9_999);
    expect(identify(identity.pid)).toEqual(identity);
    clock.advance(1);
    await stopped;
    expect(await exited).toBe(137);
    await until("the end of the child", () => identify(child) === undefined);
});

test("what a process started does not outlive it", async () => {
    const { exited } = await start(
        `const child = require("node:child_process").spawn("sleep", ["1000"]); console.log(child.pid); child.unref(); process.exit(0)`,
    );
    await exited;
    await until("the end of the child", () => identify(Number(log().trim())) === undefined);
});

test("a folder or a command that the image does not have is told", async () => {
    const spec = {
        command: "/nowhere",
        args: [],
        cwd: join(folder, "app"),
        env: {},
        logFile: join(folder, "log"),
    };
    await expect(startProcess(spec, () => {})).rejects.toThrow(
        `The image has no folder ${folder}/app to start in.`,
    );
    const missing = await startProcess({ ...spec, cwd: folder }, () => {});
    expect(await missing.exited).toBe(127);
    expect(log()).toContain("/nowhere");
});

test("an orphan is ended, and a process that has its number by now is not", async () => {
    const child = spawn("sleep", ["1000"], { detached: true });
    await once(child, "spawn");
    const identity = identify(child.pid ?? 0);
    if (!identity) throw new Error("not started");
    await stopOrphan({ ...identity, start: "another" }, systemClock);
    expect(identify(identity.pid)).toEqual(identity);
    await stopOrphan(identity, systemClock);
    expect(identify(identity.pid)).toBeUndefined();
    await stopOrphan(identity, systemClock);
});
