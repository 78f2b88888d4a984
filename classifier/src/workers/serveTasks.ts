import { parentPort } from "node:worker_threads";
import { type Assignment, type Report, toPlainError } from "./messages";

/**
 * What a worker can be asked for: by name, with an input and a result that can be cloned between threads. The input's memory
 * is used again once a task is done, so neither its result nor anything else may be in it then.
 */
export type TaskSet = Record<string, (input: never) => unknown>;

/**
 * The worker's side of a pool: says that it is ready once `open` has made its tasks, with a description for the main
 * thread, and from then on does what it is told. If `open` fails it says why and ends.
 */
export async function serveTasks(
    open: () => Promise<{ tasks: TaskSet; description: unknown }>,
): Promise<void> {
    const report = (message: Report, memory: readonly ArrayBuffer[] = []) =>
        parentPort?.postMessage(message, memory);
    try {
        const { tasks, description } = await open();
        parentPort?.on("message", async ({ id, task, input, memory: lent }: Assignment) => {
            try {
                const perform = tasks[task] as ((input: unknown) => unknown) | undefined;
                if (!perform) {
                    throw new Error(`Expected a task (${Object.keys(tasks).join(", ")}), got ${task}.`);
                }
                const output = await perform(input);
                const memory = remaining(lent);
                report({ kind: "done", id, output, memory }, memory);
            } catch (error) {
                const memory = remaining(lent);
                report({ kind: "failed", id, error: toPlainError(error), memory }, memory);
            }
        });
        report({ kind: "ready", description });
    } catch (error) {
        report({ kind: "unfit", message: error instanceof Error ? error.message : String(error) });
    }
}

/** A task may have handed some of it on. */
function remaining(lent: readonly ArrayBuffer[]): ArrayBuffer[] {
    return lent.filter(({ byteLength }) => byteLength > 0);
}
