import { parentPort } from "node:worker_threads";
import { type Assignment, type Report, toPlainError } from "./messages";

/** What a worker can be asked for: by name, with an input and a result that can be cloned between threads. */
export type TaskSet = Record<string, (input: never) => unknown>;

/**
 * The worker's side of a pool: says that it is ready once `open` has made its tasks, with a description for the main
 * thread, and from then on does what it is told. If `open` fails it says why and ends.
 */
export async function serveTasks(
    open: () => Promise<{ tasks: TaskSet; description: unknown }>,
): Promise<void> {
    const report = (message: Report) => parentPort?.postMessage(message);
    try {
        const { tasks, description } = await open();
        parentPort?.on("message", async ({ id, task, input }: Assignment) => {
            try {
                const perform = tasks[task] as ((input: unknown) => unknown) | undefined;
                if (!perform) {
                    throw new Error(`Expected a task (${Object.keys(tasks).join(", ")}), got ${task}.`);
                }
                report({ kind: "done", id, output: await perform(input) });
            } catch (error) {
                report({ kind: "failed", id, error: toPlainError(error) });
            }
        });
        report({ kind: "ready", description });
    } catch (error) {
        report({ kind: "unfit", message: error instanceof Error ? error.message : String(error) });
    }
}
