import { execFile } from "node:child_process";
import { join } from "node:path";

export const project = join(__dirname, "../..");

/**
 * Runs `edge` as its users do, in a process of its own: image loops are many times slower inside jest, where each use
 * of a global such as Math goes through the test's own realm.
 */
export function edge(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
        const options = { cwd: project, env: { ...process.env, INIT_CWD: project } };
        execFile(
            process.execPath,
            ["--require", "tsx/cjs", "cli/edge.ts", ...args],
            options,
            (error, stdout, stderr) => {
                if (error && typeof error.code !== "number") reject(error);
                else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
            },
        );
    });
}
