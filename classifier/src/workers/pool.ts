import { setTimeout as sleep } from "node:timers/promises";
import { clientGone, serviceBusy, tookTooLong } from "../errors";
import { defer } from "./deferred";
import type { TaskSet } from "./serveTasks";
import { createSpareMemory, type SpareMemory } from "./spareMemory";
import { type Job, startThread, type Thread } from "./thread";

/** Jobs that a worker has at a time: the one it works on, and the next, so that it need not wait for the main thread. */
const DEPTH = 2;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** How long a worker may go on with what it has when the pool is closed. */
const LONGEST_END_MS = 1000;

export interface PoolOptions {
    /** The program that each worker runs. */
    file: string;
    /** What a worker is told at its start; the first of all may have more to do than those after it. */
    dataFor(isFirst: boolean): unknown;
    log(entry: Record<string, unknown>): void;
}

export interface RunOptions {
    /** How long the job may take, in the queue and in a worker together. */
    deadlineMs: number;
    /** Memory that is handed over to the worker and not copied. The caller loses it; afterwards it is spare memory. */
    transfer?: readonly ArrayBuffer[];
    /** Takes the job out of the queue again if it still waits there. */
    signal?: AbortSignal;
}

export interface PoolState {
    /** Workers that are ready. */
    workers: number;
    /** Jobs that no worker has yet, and those that one has. */
    waiting: number;
    running: number;
    /** Since the start: the jobs that were answered, and those of them that failed by no fault of the caller. */
    answered: number;
    failed: number;
}

/** Worker threads with one queue. `Tasks` is what each can be asked for, `Description` what the first says of itself. */
export interface Pool<Tasks extends TaskSet, Description> {
    /** Resolves once the first worker is ready, rejects if it cannot be. */
    ready: Promise<Description>;
    /** Memory for what is to be handed over to a worker. */
    memory: SpareMemory;
    /** Keeps so many workers from then on. */
    grow(size: number): void;
    run<Name extends keyof Tasks & string>(
        task: Name,
        input: Parameters<Tasks[Name]>[0],
        options: RunOptions,
    ): Promise<Awaited<ReturnType<Tasks[Name]>>>;
    state(): PoolState;
    /**
     * Ends the workers, once those that are starting have started; what they have not answered fails. A process that
     * exits while a thread loads onnxruntime is aborted (SIGABRT), so whoever exits waits for this first.
     */
    close(): Promise<void>;
}

/**
 * Opens a pool of one worker, to be grown. A job goes to the worker with the least to do. A worker that ends fails the
 * jobs that it had and is replaced; so is one that is stuck, that is, every job it has is past its deadline.
 *
 * We do not use piscina 5 for this, because a task that can be aborted has a worker to itself there, so that a deadline
 * costs the depth of 2; and once a replacement has failed to start, it replaces no worker any more.
 */
export function openPool<Tasks extends TaskSet, Description>(options: PoolOptions): Pool<Tasks, Description> {
    const { file, dataFor, log } = options;
    const threads = new Set<Thread>();
    const queue: Job[] = [];
    const counts = { answered: 0, failed: 0 };
    const memory = createSpareMemory();
    let closed = false;

    function start(isFirst: boolean): Thread {
        const thread = startThread(file, dataFor(isFirst), (failed, returned) => {
            returned.forEach(memory.giveBack);
            counts.answered++;
            counts.failed += failed ? 1 : 0;
            giveUpIfStuck(thread);
            dispatch();
        });
        threads.add(thread);
        void thread.ready.then(dispatch, () => {});
        void thread.gone.then((cause) => remove(thread, cause));
        return thread;
    }

    function remove(thread: Thread, cause: Error): void {
        threads.delete(thread);
        for (const { answer } of thread.jobs()) {
            answer.reject(new Error(`Expected an answer from a worker, but it is gone: ${cause.message}.`));
        }
    }

    /** Sees to it that there is a worker in the place of this one until the pool is closed. */
    async function keep(thread: Thread): Promise<void> {
        for (let failures = 0; !closed; thread = start(false)) {
            const started = await thread.ready.then(
                () => true,
                () => false,
            );
            failures = started ? 0 : failures + 1;
            const { message } = await thread.gone;
            if (closed) {
                return;
            }
            log({ level: "error", event: "worker gone", message, unanswered: thread.jobs().length });
            if (failures > 0) {
                const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
                await sleep(pause, undefined, { ref: false });
            }
        }
    }

    function dispatch(): void {
        for (let thread = leastLoaded(threads); thread; thread = leastLoaded(threads)) {
            const job = queue.shift();
            if (!job) {
                return;
            }
            try {
                thread.give(job);
            } catch (error) {
                job.answer.reject(error);
            }
        }
    }

    function expire(job: Job, deadlineMs: number): void {
        job.late = true;
        if (takeOut(job)) {
            job.answer.reject(serviceBusy("no worker got to the request in time"));
        } else {
            job.answer.reject(tookTooLong(deadlineMs));
            [...threads].forEach(giveUpIfStuck);
        }
    }

    function takeOut(job: Job): boolean {
        const index = queue.indexOf(job);
        return index >= 0 && queue.splice(index, 1).length > 0;
    }

    const first = start(true);
    void first.ready.then(
        () => keep(first),
        () => {},
    );

    return {
        ready: first.ready as Promise<Description>,
        memory,
        grow(size) {
            // The first has the machine to itself until it is ready: so it answers sooner.
            const others = () => (closed ? [] : Array.from({ length: size - 1 }, () => keep(start(false))));
            void first.ready.then(others, () => {});
        },
        run(task, input, { deadlineMs, transfer = [], signal }) {
            const answer = defer<unknown>();
            const job: Job = { task, input, transfer, answer, late: false };
            const timer = setTimeout(expire, deadlineMs, job, deadlineMs);
            const abort = () => takeOut(job) && answer.reject(clientGone());
            signal?.addEventListener("abort", abort);
            queue.push(job);
            if (signal?.aborted) {
                abort();
            }
            dispatch();
            return answer.promise.finally(() => {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
            }) as never;
        },
        state() {
            const running = [...threads].reduce((sum, thread) => sum + thread.jobs().length, 0);
            const workers = [...threads].filter((thread) => thread.isReady()).length;
            return { workers, waiting: queue.length, running, ...counts };
        },
        async close() {
            closed = true;
            for (const { answer } of queue.splice(0)) {
                answer.reject(serviceBusy("the service stops"));
            }
            await Promise.allSettled([...threads].map(({ ready }) => ready));
            // Ending a thread in the middle of a run aborts the process: onnxruntime throws where nothing can catch it.
            const answers = [...threads].flatMap((thread) =>
                thread.jobs().map(({ answer }) => answer.promise),
            );
            await Promise.race([
                Promise.allSettled(answers),
                sleep(LONGEST_END_MS, undefined, { ref: false }),
            ]);
            for (const thread of threads) {
                thread.giveUp(new Error("the service stops"));
            }
        },
    };
}

/** The one with the fewest jobs among those that can take another; one with a late job may be stuck. */
function leastLoaded(threads: ReadonlySet<Thread>): Thread | undefined {
    const [least] = [...threads]
        .filter((thread) => thread.isReady() && !thread.jobs().some(({ late }) => late))
        .sort((one, other) => one.jobs().length - other.jobs().length);
    return least && least.jobs().length < DEPTH ? least : undefined;
}

function giveUpIfStuck(thread: Thread): void {
    const jobs = thread.jobs();
    if (jobs.length > 0 && jobs.every(({ late }) => late)) {
        thread.giveUp(new Error("it finished none of its jobs in time"));
    }
}
