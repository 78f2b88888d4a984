import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AppParts, createApp } from "../../../classifier/src/app";

export interface TestService {
    url: string;
    logs: Record<string, unknown>[];
    close: () => Promise<void>;
}

/** Serves the app on a free port of the loopback address. What a test does not care about is answered plainly. */
export async function serve(parts: Partial<AppParts>): Promise<TestService> {
    const logs: Record<string, unknown>[] = [];
    const app = createApp({
        classifyFor: async () => [{ label: "any", probability: 1 }],
        keys: [],
        corsOrigins: [],
        isReady: () => true,
        info: () => ({}),
        log: (entry) => logs.push(entry),
        ...parts,
    });
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        logs,
        async close() {
            server.close();
            server.closeAllConnections();
            await once(server, "close");
        },
    };
}
