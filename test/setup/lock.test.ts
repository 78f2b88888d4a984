import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockHolder, takeLock } from "../../setup/lock";
import { identify, type ProcessIdentity } from "../../setup/processIdentity";

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
