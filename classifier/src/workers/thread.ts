import { Worker } from "node:worker_threads";
import { type Deferred, defer } from "./deferred";
import { type Assignment, fromPlainError, type Report } from "./messages";

/** One piece of work, and the promise of its answer. */
export interface Job {
    task: string;
    input: unknown;
    transfer: readonly ArrayBuffer[];
    answer: Deferred<unknown>;
    /** Whether its deadline has passed; its caller was told so then. */
    late: boolean;
}

/** A worker thread and the jobs that were given to it and are not answered yet. */
export interface Thread {
    /** Resolves with the description that the worker gives of itself once it can work; rejects if it ends before. */
    ready: Promise<unknown>;
    isReady(): boolean;
    /** Resolves with the cause when it has ended or was given up; it answers no job from then on. */
    gone: Promise<Error>;
    jobs(): readonly Job[];
    give(job: Job): void;
    giveUp(cause: Error): void;
}

/**
 * Starts a thread that runs the program in `file`, one that calls `serveTasks`. `onAnswer` is told of every answer,
 * whether it is an error that the caller has no part in, and of the memory that the job brought along and that is free
 * again.
 */
export function startThread(
    file: string,
    data: unknown,
    onAnswer: (failed: boolean, memory: readonly ArrayBuffer[]) => void,
): Thread {
    const worker = new Worker(file, { workerData: data });
    const jobs = new Map<number, Job>();
    const ready = defer<unknown>();
    const gone = defer<Error>();
    let isReady = false;
    let nextId = 0;

    worker.on("message", (report: Report) => {
        switch (report.kind) {
            case "ready":
                isReady = true;
                ready.resolve(report.description);
                return;
            case "unfit":
                gone.resolve(new Error(report.message));
                return;
            default: {
                const answer = jobs.get(report.id)?.answer;
                jobs.delete(report.id);
                if (report.kind === "done") {
                    answer?.resolve(report.output);
                } else {
                    answer?.reject(fromPlainError(report.error));
                }
                onAnswer(report.kind === "failed" && report.error.status === undefined, report.memory);
            }
        }
    });
    worker.on("error", gone.resolve);
    worker.on("exit", (code) => gone.resolve(new Error(`it ended with code ${code}`)));
    void gone.promise.then((cause) => {
        isReady = false;
        ready.reject(cause);
        // A thread ends only when it comes back from native code, so this does not wait for it.
        void worker.terminate();
    });

    return {
        ready: ready.promise,
        isReady: () => isReady,
        gone: gone.promise,
        jobs: () => [...jobs.values()],
        give(job) {
            const id = nextId++;
            const assignment: Assignment = { id, task: job.task, input: job.input, memory: job.transfer };
            worker.postMessage(assignment, job.transfer);
            jobs.set(id, job);
        },
        giveUp: gone.resolve,
    };
}
