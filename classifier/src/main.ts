import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "./app";
import { classify } from "./classify";
import { type Options, readOptions } from "./config";
import { openModel } from "./model/openModel";

function log(entry: Record<string, unknown>): void {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

async function main(): Promise<void> {
    const options = readOptions(process.env);
    const model = await openModel(options.modelDir);
    let ready = true;
    const app = createApp({ classifyFor: (image) => classify(model, image), isReady: () => ready, log });
    const server = createServer(app);
    const port = await listen(server, options);
    log({
        level: "info",
        event: "listening",
        host: options.host,
        port,
        model: model.name,
        labels: model.labels,
    });

    // What was accepted is answered before the process ends; Docker and the edge agent send SIGTERM.
    const stop = () => {
        ready = false;
        server.close();
        server.closeIdleConnections();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
}

async function listen(server: Server, { port, host }: Options): Promise<number> {
    try {
        server.listen(port, host);
        await once(server, "listening");
        return (server.address() as AddressInfo).port;
    } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const reasons: Record<string, string> = {
            EADDRINUSE: "another process listens there; stop it or set PORT to a free one",
            EACCES: "this user may not; set PORT to 1024 or above",
        };
        throw new Error(`Expected to listen on ${host}:${port}: ${reasons[code ?? ""] ?? message}.`, {
            cause,
        });
    }
}

main().catch((error: unknown) => {
    log({
        level: "error",
        event: "start failed",
        message: error instanceof Error ? error.message : String(error),
    });
    process.exitCode = 1;
});
