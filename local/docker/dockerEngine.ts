import { existsSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type EngineCertificates, engineAddress } from "./engineAddress";

/** A Docker engine, asked over its socket (Docker Engine API). */
export interface DockerEngine {
    /** The address by which it was found, such as `unix:///…`. */
    readonly host: string;
    /** Asks and reads the JSON answer; throws a {@link DockerError} for a refusal. `body` is sent as JSON. */
    call<T>(method: string, path: string, ask?: Ask): Promise<T>;
    /** Asks and hands on the answer as it comes. */
    open(method: string, path: string, ask?: Ask): Promise<IncomingMessage>;
    /**
     * Asks for something whose answer tells its progress, a JSON object a line. The engine answers 200 also for a
     * build, push or pull that fails: an error among the lines is thrown here.
     */
    follow(method: string, path: string, ask: Ask, onLine: (line: ProgressLine) => void): Promise<void>;
}

export interface Ask {
    query?: Record<string, string | undefined>;
    headers?: Record<string, string>;
    body?: unknown;
    /** A body that is no JSON. */
    stream?: {
        pipe(destination: ClientRequest): unknown;
        on(event: "error", listener: (error: Error) => void): unknown;
    };
    signal?: AbortSignal;
}

/** One line of progress, as far as it is looked at. */
export interface ProgressLine {
    stream?: string;
    status?: string;
    id?: string;
    progressDetail?: { current?: number; total?: number };
    aux?: { ID?: string; Digest?: string };
    error?: string;
}

/** The engine refused, or could not do, what was asked; the message is its own. */
export class DockerError extends Error {
    /** The status of the answer; 200 where the error came in a stream. */
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

/** The socket of this machine's engine unless DOCKER_HOST names another. */
const defaultSocket = "/var/run/docker.sock";

/**
 * The engine that `DOCKER_HOST` names, otherwise the one at the usual socket; undefined where none is named and none is
 * there. Throws for a host that is not on this machine, because its containers would not be either.
 */
export function findDockerEngine(dockerHost: string | undefined): DockerEngine | undefined {
    if (!dockerHost) return existsSync(defaultSocket) ? dockerEngine(`unix://${defaultSocket}`) : undefined;
    if (dockerHost.startsWith("unix:///")) return dockerEngine(dockerHost);
    throw new Error(
        `Expected DOCKER_HOST to be a socket of this machine (unix:///…), found "${dockerHost}". ` +
            "Modules of the local device run here: set another, or use the runtime process.",
    );
}

/** Whether the engine answers, within two seconds. */
export async function answers(engine: DockerEngine): Promise<boolean> {
    try {
        const answer = await engine.open("GET", "/_ping", { signal: AbortSignal.timeout(2000) });
        answer.resume();
        return true;
    } catch {
        // Whoever needs the engine gets the reason from what it asks next.
        return false;
    }
}

/** The engine's answer; undefined for a refusal with one of these codes, by which it says that there is nothing to do. */
export async function unlessRefused<T>(codes: number[], answer: Promise<T>): Promise<T | undefined> {
    try {
        return await answer;
    } catch (error) {
        if (error instanceof DockerError && codes.includes(error.status)) return undefined;
        throw error;
    }
}

/** The engine at an address as in DOCKER_HOST, on this machine or another; whether it is there shows when it is asked. */
export function dockerEngine(host: string, certificates?: EngineCertificates): DockerEngine {
    const { request, at } = engineAddress(host, certificates);

    function open(method: string, path: string, ask: Ask = {}): Promise<IncomingMessage> {
        const query = new URLSearchParams(
            Object.entries(ask.query ?? {}).filter((each): each is [string, string] => each[1] !== undefined),
        ).toString();
        const json = ask.body === undefined ? undefined : JSON.stringify(ask.body);
        return new Promise((resolve, reject) => {
            const outgoing = request(
                {
                    ...at,
                    method,
                    // Without a version the engine answers by its newest; the fields used here are the same since 1.40.
                    path: query === "" ? path : `${path}?${query}`,
                    headers: {
                        Host: "docker",
                        ...(json !== undefined && { "Content-Type": "application/json" }),
                        ...ask.headers,
                    },
                    agent: false,
                    signal: ask.signal,
                },
                (response) => {
                    const { statusCode = 0 } = response;
                    if (statusCode < 400) return resolve(response);
                    text(response).then(
                        (answer) => reject(new DockerError(statusCode, messageOf(answer))),
                        reject,
                    );
                },
            );
            outgoing.on("error", (cause: NodeJS.ErrnoException) => {
                if (ask.signal?.aborted) return reject(ask.signal.reason as Error);
                reject(
                    new Error(`The Docker engine at ${host} cannot be reached: ${cause.message}.`, { cause }),
                );
            });
            if (ask.stream) {
                ask.stream.on("error", (error: Error) => outgoing.destroy(error));
                ask.stream.pipe(outgoing);
            } else outgoing.end(json);
        });
    }

    return {
        host,
        open,
        async call<T>(method: string, path: string, ask?: Ask) {
            const answer = await text(await open(method, path, ask));
            return (answer === "" ? undefined : JSON.parse(answer)) as T;
        },
        async follow(method, path, ask, onLine) {
            for await (const line of createInterface({ input: await open(method, path, ask) })) {
                if (line.trim() === "") continue;
                const said = JSON.parse(line) as ProgressLine;
                if (said.error !== undefined) throw new DockerError(200, said.error);
                onLine(said);
            }
        },
    };
}

function messageOf(answer: string): string {
    try {
        return (JSON.parse(answer) as { message: string }).message;
    } catch {
        return answer.trim();
    }
}
