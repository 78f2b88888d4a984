import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SOURCES = join(__dirname, "..", "..", "..", "classifier", "src");

export interface ServiceProcess {
    process: ChildProcess;
    port: number;
    /** The line it wrote when it began to listen. */
    startLine: Record<string, unknown>;
}

const running = new Set<ChildProcess>();

/** Kills whatever was started here and still runs. */
export function stopServices(): void {
    for (const child of running) {
        child.kill("SIGKILL");
    }
}

/** Starts one of the service's programs as it is started in production, with nothing else in its environment. */
export function startProgram(
    program: "main" | "healthCheck",
    environment: Record<string, string>,
): ChildProcess {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", join(SOURCES, `${program}.ts`)], {
        env: { PATH: process.env.PATH, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    return child;
}

/** Starts the service on a free port of the loopback address and waits until it listens. */
export async function startService(environment: Record<string, string>): Promise<ServiceProcess> {
    const child = startProgram("main", { HOST: "127.0.0.1", PORT: "0", ...environment });
    if (!child.stdout) {
        throw new Error("Expected the service's output to be piped.");
    }
    for await (const line of createInterface(child.stdout)) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        if (entry.event !== "listening") {
            throw new Error(`Expected the service to listen, got: ${line}`);
        }
        child.stdout.resume();
        return { process: child, port: Number(entry.port), startLine: entry };
    }
    throw new Error("Expected the service to say that it listens, got nothing.");
}

/** Waits for the end of a program; returns its exit code and all it wrote. */
export async function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (chunk) => {
            output += chunk;
        });
    }
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
}
