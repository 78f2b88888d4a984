import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPool, type Pool, type RunOptions } from "../../classifier/src/workers/pool";
import { until } from "../support/waiting";
import { folderOf } from "./support/colourModel";

const file = join(__dirname, "support", "poolWorker.js");

interface Tasks {
    [name: string]: (input: never) => unknown;
    echo: (input: unknown) => unknown;
    whoami: (milliseconds: number) => number;
    size: (input: { bytes: Uint8Array }) => number;
}
type TestPool = Pool<Tasks, { isFirst: boolean }>;

describe("a pool of workers", () => {
    let unfitFile: string;
    let logs: Record<string, unknown>[];
    const pools: TestPool[] = [];
    beforeAll(async () => {
        unfitFile = join(await folderOf({}), "unfit");
    });
    beforeEach(() => {
        logs = [];
    });
    afterEach(async () => {
        rmSync(unfitFile, { force: true });
        for (const pool of pools.splice(0)) {
            await pool.close();
        }
    });

    async function open(size: number): Promise<TestPool> {
        const pool: TestPool = openPool({
            file,
            dataFor: (isFirst) => ({ isFirst, unfitFile }),
            log: (entry) => logs.push(entry),
        });
        pools.push(pool);
        pool.grow(size);
        await pool.ready;
        await until("all workers", () => pool.state().workers === size);
        return pool;
    }

    /** Runs a task and tells how it went; with time enough for a busy machine. */
    const run = (pool: TestPool, task: string, input: unknown = null, options: Partial<RunOptions> = {}) =>
        pool.run(task, input as never, { deadlineMs: 30_000, ...options });
    const outcome = (answer: Promise<unknown>) =>
        answer.catch((error: { status?: number; message: string }) => error.status ?? error.message);

    test("is described by its first worker, before the others start", async () => {
        const pool = await open(2);
        expect(await pool.ready).toEqual({ isFirst: true });
    });

    test("gives a job to the worker with the least to do, two at a time, and keeps the rest in line", async () => {
        const pool = await open(2);
        const answers = Promise.all(Array.from({ length: 6 }, () => run(pool, "whoami", 200)));
        expect(pool.state()).toMatchObject({ workers: 2, running: 4, waiting: 2 });
        const [one, two, three, four] = await answers;
        expect(one).not.toBe(two);
        expect([three, four]).toEqual([one, two]);
        expect(pool.state()).toMatchObject({ running: 0, waiting: 0, answered: 6, failed: 0 });
    });

    test("gives the jobs that wait in line to workers in the order in which they came", async () => {
        const pool = await open(1);
        const busy = [run(pool, "whoami", 100), run(pool, "whoami", 100)];
        const done: unknown[] = [];
        const names = ["first", "second", "third", "fourth"];
        const answers = names.map((name) => run(pool, "echo", name).then((answer) => done.push(answer)));
        expect(pool.state()).toMatchObject({ running: 2, waiting: 4 });
        await Promise.all([...busy, ...answers]);
        expect(done).toEqual(names);
    });

    test("refuses what cannot be handed to a worker, and goes on", async () => {
        const pool = await open(1);
        await expect(run(pool, "echo", () => {})).rejects.toThrow("could not be cloned");
        expect(pool.state()).toMatchObject({ running: 0, waiting: 0 });
        expect(await run(pool, "echo", "next")).toBe("next");
    });

    test("fails a job that its workers do not know", async () => {
        const pool = await open(1);
        expect(await outcome(run(pool, "sing"))).toMatch(/^Expected a task \(echo, .*\), got sing\.$/);
        expect(pool.state()).toMatchObject({ answered: 1, failed: 1 });
    });

    test("hands memory over without a copy", async () => {
        const pool = await open(1);
        const bytes = new Uint8Array(1000);
        expect(await run(pool, "size", { bytes }, { transfer: [bytes.buffer] })).toBe(1000);
        expect(bytes.byteLength).toBe(0);
    });

    test.each(["size", "refuse", "fail"])(
        "takes memory back with the answer, whatever it is: %s",
        async (task) => {
            const pool = await open(1);
            const bytes = pool.memory.take(100_000);
            bytes.fill(7);
            await outcome(run(pool, task, { bytes }, { transfer: pool.memory.ownMemory(bytes) }));
            expect(bytes).toHaveLength(0);
            expect(pool.memory.take(100_000).every((byte) => byte === 7)).toBe(true);
        },
    );

    test("goes on when a task has handed its memory on", async () => {
        const pool = await open(1);
        const bytes = new Uint8Array(1000);
        await run(pool, "transfer", { bytes }, { transfer: [bytes.buffer] });
        expect(await run(pool, "echo", "next")).toBe("next");
    });

    test("tells what the caller did wrong from what went wrong in the worker", async () => {
        const pool = await open(1);
        await expect(run(pool, "refuse")).rejects.toMatchObject({ status: 400, code: "BadRequestImage" });
        await expect(run(pool, "fail")).rejects.toThrow("no memory");
        expect(pool.state()).toMatchObject({ answered: 2, failed: 1 });
    });

    test.each([
        ["ends", "exit", "it ended with code 3"],
        ["throws", "crash", "a crash"],
    ])("a worker that %s fails its job only, and is replaced", async (_how, task, cause) => {
        const pool = await open(2);
        const [failed, ...others] = await Promise.all([
            outcome(run(pool, task)),
            run(pool, "whoami", 50),
            // Waits for the replacement, or for the other worker.
            until("a line", () => logs.length > 0).then(() => run(pool, "whoami", 50)),
        ]);
        expect(failed).toBe(`Expected an answer from a worker, but it is gone: ${cause}.`);
        expect(others).toEqual([expect.any(Number), expect.any(Number)]);
        await until("both workers", () => pool.state().workers === 2);
        expect(logs).toEqual([{ level: "error", event: "worker gone", message: cause, unanswered: 1 }]);
    });

    test("tries again until a replacement starts", async () => {
        const pool = await open(1);
        writeFileSync(unfitFile, "");
        await outcome(run(pool, "exit"));
        const waiting = run(pool, "echo", "late");
        await until("two lines", () => logs.length === 2);
        expect(logs[1]).toMatchObject({ message: "Expected a model, found none." });
        expect(pool.state()).toMatchObject({ workers: 0, waiting: 1 });
        rmSync(unfitFile);
        expect(await waiting).toBe("late");
    });

    test("rejects at once if the first worker cannot start", async () => {
        writeFileSync(unfitFile, "");
        await expect(open(2)).rejects.toThrow("Expected a model, found none.");
    });

    test("a job that takes too long is answered so, and a stuck worker makes way for another", async () => {
        const pool = await open(1);
        const hanging = outcome(run(pool, "hang", null, { deadlineMs: 300 }));
        const behind = outcome(run(pool, "echo", "behind", { deadlineMs: 600 }));
        const waiting = run(pool, "echo", "in line");
        expect(await hanging).toBe(504);
        // It may have been given to the stuck worker, which is given up once all that it has is late.
        expect(pool.state().workers).toBe(1);
        expect(await behind).toBe(504);
        expect(pool.state().workers).toBe(0);
        expect(await waiting).toBe("in line");
        expect(logs).toMatchObject([{ message: "it finished none of its jobs in time", unanswered: 2 }]);
    });

    test("a job that no worker gets to in time is told to come back", async () => {
        const pool = await open(1);
        const slow = [run(pool, "whoami", 1000), run(pool, "whoami", 1000)];
        expect(await outcome(run(pool, "echo", null, { deadlineMs: 100 }))).toBe(503);
        await Promise.all(slow);
        expect(logs).toEqual([]);
    });

    test("a job that nobody waits for any more leaves the line", async () => {
        const pool = await open(1);
        const slow = [run(pool, "whoami", 1000), run(pool, "whoami", 1000)];
        const caller = new AbortController();
        const left = outcome(run(pool, "echo", null, { signal: caller.signal }));
        expect(pool.state().waiting).toBe(1);
        caller.abort();
        expect(pool.state().waiting).toBe(0);
        expect(await left).toBe(499);
        expect(await outcome(run(pool, "echo", null, { signal: caller.signal }))).toBe(499);
        expect(pool.state().answered).toBe(0);
        await Promise.all(slow);
    });

    test("a job that a worker has goes on, whoever waits for it", async () => {
        const pool = await open(1);
        const caller = new AbortController();
        const answer = run(pool, "echo", "done", { signal: caller.signal });
        expect(pool.state().running).toBe(1);
        caller.abort();
        expect(await answer).toBe("done");
    });

    test("fails what is unanswered when it is closed, and starts nothing any more", async () => {
        const pool = await open(1);
        // Longer by far than a pool that is closed lets its workers go on.
        const answers = ["whoami", "whoami", "echo"].map((task) => outcome(run(pool, task, 60_000)));
        const closed = pool.close();
        expect(await Promise.all(answers)).toEqual([
            expect.stringContaining("the service stops"),
            expect.stringContaining("the service stops"),
            503,
        ]);
        expect(pool.state().workers).toBe(0);
        expect(logs).toEqual([]);
        await closed;
    });
});
