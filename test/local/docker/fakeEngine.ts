import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type DockerEngine, findDockerEngine } from "../../../local/docker/dockerEngine";

/** What a fake engine answers: a status with a document or lines, or undefined for nothing at all. */
export type FakeAnswer = { status?: number; json?: unknown; lines?: unknown[] } | undefined;

/** A Docker engine on a socket of its own, which answers what the test says. */
export interface FakeEngine {
    readonly engine: DockerEngine;
    /** The calls so far, such as `DELETE /images/a`, with their bodies. */
    readonly asked: {
        call: string;
        query: URLSearchParams;
        headers: IncomingMessage["headers"];
        body: string;
    }[];
    calls(): string[];
    answer: (call: string, query: URLSearchParams) => FakeAnswer;
    /** Cuts what it has not answered, so that it is asked again. */
    cut(): void;
    close(): Promise<void>;
}

export async function startFakeEngine(): Promise<FakeEngine> {
    const folder = mkdtempSync(join(tmpdir(), "engine-"));
    const socket = join(folder, "docker.sock");
    const server = createServer(async (request, response) => {
        const url = new URL(request.url ?? "", "http://docker");
        const call = `${request.method} ${url.pathname}`;
        const body = await text(request);
        fake.asked.push({ call, query: url.searchParams, headers: request.headers, body });
        const answered = fake.answer(call, url.searchParams);
        if (!answered) return;
        const { status = 200, json, lines } = answered;
        const content =
            lines?.map((line) => `${JSON.stringify(line)}\r\n`).join("") ?? JSON.stringify(json ?? {});
        response.writeHead(status).end(content);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const engine = findDockerEngine(`unix://${socket}`);
    if (!engine) throw new Error("Expected an engine.");
    const fake: FakeEngine = {
        engine,
        asked: [],
        calls: () => fake.asked.map(({ call }) => call),
        answer: () => ({}),
        cut: () => server.closeAllConnections(),
        async close() {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
            rmSync(folder, { recursive: true, force: true });
        },
    };
    return fake;
}
