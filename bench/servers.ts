import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Body } from "./load";
import { type Materials, ownPython } from "./materials";

const PEERS = join(__dirname, "peers");
const CLASSIFIER = join(__dirname, "..", "classifier");
const START_SECONDS = 60;

/** How to start a server. */
export interface ServerKind {
    name: string;
    command(port: number, python: string): [string, ...string[]];
    environment?: Record<string, string>;
    /** Where it takes images, if not at `/image`. */
    path?: string;
    /** Takes multipart forms only. */
    form?: boolean;
}

export interface Server {
    url: string;
    process: ChildProcess & { pid: number };
    bodyOf(file: string): Body;
    /** Throws, with what it said last, if the process has ended. */
    requireRunning(): void;
    stop(): Promise<void>;
}

const cores = String(availableParallelism());

/** Our service, with other variables than those of the comparison where `changes` names them. */
export function ourService(mode: "exact" | "fast", changes: Record<string, string> = {}): ServerKind {
    return {
        name: `ours, ${mode}`,
        command: commandOfImage,
        // As many requests as there are ever connections: the peers queue without a limit too.
        environment: {
            PREPROCESSING: mode,
            PROBE: "off",
            HOST: "127.0.0.1",
            MAX_REQUESTS: "64",
            WORKERS: cores,
            ...changes,
        },
    };
}

/** The command by which the service's image starts it, with this machine's Node. */
function commandOfImage(): [string, ...string[]] {
    const dockerfile = readFileSync(join(CLASSIFIER, "Dockerfile"), "utf8");
    const [, ...args]: string[] = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]");
    const program = args.pop();
    if (!program) {
        throw new Error("Expected a CMD with a program in classifier/Dockerfile, found none.");
    }
    return [process.execPath, ...args, join(CLASSIFIER, program)];
}

/** The exported container's shape first: Flask's development server and onnxruntime's default threads. The others are at their best. */
export const PEERS_OF_OURS: readonly ServerKind[] = [
    {
        name: "Flask, container's shape",
        command: (_port, python) => [python, "flask_app.py"],
        environment: { THREADS: "0" },
    },
    {
        name: "gunicorn",
        command: (port, python) => [
            python,
            ...`-m gunicorn --workers ${cores} --bind 127.0.0.1:${port} --log-level error flask_app:app`.split(
                " ",
            ),
        ],
        environment: { THREADS: "1" },
    },
    {
        name: "azureml-inference-server-http",
        path: "/score",
        command: (port, python) => [
            join(python, "..", "azmlinfsrv"),
            ...`--entry_script score.py --port ${port} --health_port ${port + 1} --worker_count ${cores}`.split(
                " ",
            ),
        ],
    },
    {
        name: "FastAPI + uvicorn",
        command: (port, python) => [
            python,
            ...`-m uvicorn fastapi_app:app --host 127.0.0.1 --port ${port} --workers ${cores} --log-level error`.split(
                " ",
            ),
        ],
    },
    { name: "LitServe", command: (_port, python) => [python, "litserve_app.py"], form: true },
    {
        name: "BentoML",
        command: (_port, python) => [python, "bentoml_app.py"],
        environment: {
            BENTOML_HOME: join(tmpdir(), "edge-classifier-bentoml"),
            BENTOML_DO_NOT_TRACK: "True",
        },
    },
    { name: "MLServer", command: (_port, python) => [ownPython(python, "mlserver"), "mlserver_app.py"] },
];

type StartOptions = Pick<Materials, "model" | "python" | "env">;

/** Starts a server in a process group of its own and waits until it classifies `image`. */
export async function startServer(
    kind: ServerKind,
    { image, ...options }: StartOptions & { image: string },
): Promise<Server> {
    const server = spawnServer(kind, await freePort(), options);
    try {
        for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end; await sleep(50)) {
            server.requireRunning();
            if (await classify(server, image).catch(() => undefined)) {
                return server;
            }
        }
        throw new Error(`Expected ${kind.name} to answer within ${START_SECONDS} s, it did not.`);
    } catch (error) {
        await server.stop();
        throw error;
    }
}

/** Starts a server in a process group of its own, and does not wait for it. */
export function spawnServer(kind: ServerKind, port: number, { model, python, env }: StartOptions): Server {
    const [program, ...args] = kind.command(port, python);
    const child = spawn(program, args, {
        cwd: PEERS,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
        env: {
            PATH: env.PATH,
            HOME: env.HOME,
            MODEL_DIR: model,
            PORT: String(port),
            WORKERS: cores,
            PYTHONDONTWRITEBYTECODE: "1",
            ...kind.environment,
        },
    }) as Server["process"];
    let said = "";
    child.stderr?.on("data", (chunk) => {
        said = `${said}${chunk}`.slice(-2000);
    });
    return {
        url: `http://127.0.0.1:${port}${kind.path ?? "/image"}`,
        process: child,
        bodyOf: kind.form ? formBody : rawBody,
        requireRunning() {
            if (child.exitCode !== null) {
                throw new Error(
                    `Expected ${kind.name} to go on, it ended with ${child.exitCode}. It said: ${said}`,
                );
            }
        },
        stop: () => stop(child),
    };
}

/** The probabilities in a server's answer, in the order of the labels. */
export async function classify(
    { url, bodyOf }: Pick<Server, "url" | "bodyOf">,
    image: string,
): Promise<number[]> {
    const { before, after, contentType, file } = bodyOf(image);
    const body = Buffer.concat([Buffer.from(before), readFileSync(file), Buffer.from(after)]);
    const answer = await fetch(url, { method: "POST", body, headers: { "content-type": contentType } });
    if (!answer.ok) {
        throw new Error(`Expected ${url} to classify ${image}, got status ${answer.status}.`);
    }
    const { predictions } = (await answer.json()) as { predictions: { probability: number }[] };
    return predictions.map(({ probability }) => probability);
}

async function stop(child: Server["process"]): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) {
        return;
    }
    const gone = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await gone;
}

function rawBody(file: string): Body {
    return { file, contentType: "application/octet-stream", before: "", after: "" };
}

function formBody(file: string): Body {
    const boundary = "edge-classifier-bench";
    return {
        file,
        contentType: `multipart/form-data; boundary=${boundary}`,
        before:
            `--${boundary}\r\nContent-Disposition: form-data; name="imageData"; filename="photo.jpg"\r\n` +
            "Content-Type: image/jpeg\r\n\r\n",
        after: `\r\n--${boundary}--\r\n`,
    };
}

export async function freePort(): Promise<number> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as { port: number };
    probe.close();
    await once(probe, "close");
    return port;
}
