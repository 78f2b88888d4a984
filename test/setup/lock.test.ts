import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as immediate } from "node:timers/promises";
import { lockHolder, takeLock, waitForLock } from "../../setup/lock";
import { identify, isRunning, type ProcessIdentity } from "../../setup/processIdentity";

let folder: string;
let file: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "edge-lock-"));
    file = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

const own = identify(process.pid) as ProcessIdentity;

/** A process that has ended, as it was while it ran. */
async function endedProcess(): Promise<ProcessIdentity> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const identity = identify(child.pid ?? 0) as ProcessIdentity;
    child.kill("SIGKILL");
    await once(child, "exit");
    return identity;
}

describe("a lock", () => {
    test("is held by the process that took it, until it is released, and leaves nothing behind", () => {
        const { release } = takeLock(file);
        expect(lockHolder(file)).toEqual(own);
        expect(takeLock(file)).toEqual({ holder: own });
        release?.();
        expect(lockHolder(file)).toBeUndefined();
        expect(readdirSync(folder)).toEqual([]);
    });

    test.each([
        ["another program has the number of its holder by now", () => ({ pid: process.pid, start: "1" })],
        ["its holder has ended", endedProcess],
        ["it is one of an earlier version, with a number alone", () => process.pid],
    ])("is taken over where %s", async (_, holder) => {
        writeFileSync(file, JSON.stringify(await holder()));
        expect(lockHolder(file)).toBeUndefined();
        expect(takeLock(file).holder).toBeUndefined();
        expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(own);
    });

    test("is taken over after somebody was killed while taking it over", async () => {
        const gone = JSON.stringify(await endedProcess());
        writeFileSync(file, gone);
        writeFileSync(`${file}.takeover`, gone);
        expect(takeLock(file).holder).toBeUndefined();
        expect(existsSync(`${file}.takeover`)).toBe(false);
    });

    test("is for its owner alone to read, and cut off by a loss of power it is no lock", () => {
        takeLock(file);
        expect(statSync(file).mode & 0o777).toBe(0o600);
        for (const text of ["", '{"pid":', "null", "{}", '{"pid":1}']) {
            writeFileSync(file, text);
            expect(lockHolder(file)).toBeUndefined();
            expect(takeLock(file).holder).toBeUndefined();
        }
    });

    test("whose takeover somebody is at has that one as its holder, and stays", async () => {
        const gone = JSON.stringify(await endedProcess());
        writeFileSync(file, gone);
        writeFileSync(`${file}.takeover`, JSON.stringify(own));
        expect(takeLock(file).holder).toEqual(own);
        expect(readFileSync(file, "utf8")).toBe(gone);
    });

    test("is waited for, each holder being told of once, and then held", async () => {
        const place = join(folder, "deep/lock");
        const holders: number[] = [];
        const { signal } = new AbortController();
        const release = await waitForLock(place, { signal, onWait: ({ pid }) => holders.push(pid) });
        expect(holders).toEqual([]);
        const waiting = waitForLock(place, {
            signal,
            onWait: ({ pid }) => {
                holders.push(pid);
                // It looks again before it is released, and does not tell of the same one again.
                setTimeout(release, 250);
            },
        });
        const second = await waiting;
        expect(holders).toEqual([process.pid]);
        expect(lockHolder(place)).toEqual(own);
        second();
        expect(readdirSync(join(folder, "deep"))).toEqual([]);
    });

    test("is not waited for any longer once somebody interrupts", async () => {
        writeFileSync(file, JSON.stringify(own));
        const interrupt = new AbortController();
        const waiting = waitForLock(file, { signal: interrupt.signal, onWait: () => interrupt.abort() });
        await expect(waiting).rejects.toThrow(/abort/i);
        expect(lockHolder(file)).toEqual(own);
    });

    test("that is stale is won by one of many processes at a time", async () => {
        writeFileSync(file, JSON.stringify(await endedProcess()));
        const taker = `
            const { takeLock } = require(${JSON.stringify(join(__dirname, "../../setup/lock.js"))});
            const { writeFileSync, rmSync } = require("node:fs");
            const inside = ${JSON.stringify(join(folder, "inside"))};
            for (let won = 0; won < 50; ) {
                const { release } = takeLock(${JSON.stringify(file)});
                if (!release) continue;
                won++;
                writeFileSync(inside, "", { flag: "wx" });
                rmSync(inside);
                // Every other time it leaves its lock as a process does that was killed.
                if (won % 2) release(); else writeFileSync(${JSON.stringify(file)}, '{"pid":1,"start":"-"}');
            }`;
        const takers: ChildProcess[] = Array.from({ length: 3 }, () =>
            spawn(process.execPath, ["-e", taker], { stdio: "inherit" }),
        );
        const codes = await Promise.all(takers.map(async (taker) => (await once(taker, "exit"))[0]));
        expect(codes).toEqual([0, 0, 0]);
    });
});

describe("a process", () => {
    test("is known by its number and its start, and by neither alone", () => {
        expect(identify(process.pid)).toEqual(own);
        expect(isRunning(own)).toBe(true);
        expect(isRunning({ ...own, start: `${own.start}0` })).toBe(false);
        // The first process has been there for longer than a tick of the clock.
        expect(isRunning({ ...own, pid: 1 })).toBe(false);
        expect(identify(0x7fffffff)).toBeUndefined();
    });

    test("whose program's name has spaces and parentheses is known, too", async () => {
        const program = join(folder, "a) R 1 (b");
        symlinkSync(process.execPath, program);
        const child = spawn(program, [
            "-e",
            "process.title = 'a) R 1 (b'; console.log('runs'); setInterval(() => {}, 1000)",
        ]);
        await once(child.stdout, "data");
        const first = identify(child.pid ?? 0);
        expect(first?.start).toMatch(/^\d{3,}$/);
        child.kill("SIGKILL");
        await once(child, "exit");
        expect(isRunning(first as ProcessIdentity)).toBe(false);
    });

    test("that has ended and was not yet collected is none", async () => {
        // The shell starts a child that ends at once, and goes on as a program that never collects it.
        const child = spawn("/bin/sh", ["-c", "sh -c 'echo $$' & exec sleep 1000"]);
        const [pid] = await once(child.stdout, "data");
        while (/^State:\s+[^Z]/m.test(readFileSync(`/proc/${Number(pid)}/status`, "utf8"))) await immediate();
        expect(identify(Number(pid))).toBeUndefined();
        child.kill("SIGKILL");
        await once(child, "exit");
    });
});
