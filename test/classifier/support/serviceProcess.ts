import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMPILED = join(__dirname, "../../../classifier/dist");

export interface ServiceProcess {
    process: ChildProcess;
    port: number;
    url: string;
    /** The line it wrote when it began to listen. */
    startLine: Record<string, unknown>;
    /** All lines that it wrote so far. */
    logs: Record<string, unknown>[];
}

const running = new Set<ChildProcess>();

/** Kills whatever was started here and still runs. */
export function stopServices(): void {
    for (const child of running) {
        child.kill("SIGKILL");
    }
}

/** Lets images make the service's workers fail, by the marks that they end in. */
export const FAULTS = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, "faults.js"))}` };

/** Starts one of the service's programs as it is started in production, with nothing else in its environment. */
export function startProgram(
    program: "main" | "healthCheck",
    environment: Record<string, string>,
    compiled = COMPILED,
): ChildProcess {
    const child = spawn(process.execPath, [join(compiled, `${program}.js`)], {
        env: { PATH: process.env.PATH, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    return child;
}

/** Starts the service on a free port of the loopback address and waits until it listens. */
export async function startService(
    environment: Record<string, string>,
    compiled?: string,
): Promise<ServiceProcess> {
    const child = startProgram("main", { HOST: "127.0.0.1", PORT: "0", ...environment }, compiled);
    if (!child.stdout) {
        throw new Error("Expected the service's output to be piped.");
    }
    const logs: Record<string, unknown>[] = [];
    const lines = createInterface(child.stdout);
    lines.on("line", (line) => logs.push(JSON.parse(line)));
    await Promise.race([once(lines, "line"), once(lines, "close")]);
    const [startLine] = logs;
    if (startLine?.event !== "listening") {
        throw new Error(`Expected the service to listen, got: ${JSON.stringify(startLine ?? "nothing")}.`);
    }
    const port = Number(startLine.port);
    return { process: child, port, url: `http://127.0.0.1:${port}`, startLine, logs };
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
