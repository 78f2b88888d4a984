import { once } from "node:events";
import { type AppParts, createApp } from "../../../classifier/src/app";
import { createAdmission } from "../../../classifier/src/http/admission";
import { createImageFetcher } from "../../../classifier/src/http/remoteImage";
import { listen } from "../../../classifier/src/listen";
import { createMetrics } from "../../../classifier/src/metrics";
import { readOptions } from "../../../classifier/src/readOptions";

export interface TestService {
    url: string;
    logs: Record<string, unknown>[];
    close: () => Promise<void>;
}

/** Serves the app on a free port of the loopback address. What a test does not care about is answered plainly. */
export async function serve(parts: Partial<AppParts>): Promise<TestService> {
    const logs: Record<string, unknown>[] = [];
    const admission = createAdmission({ maxRequests: 100, maxBytes: 100_000_000 });
    const app = createApp({
        classifyFor: async () => [{ label: "any", probability: 1 }],
        scoreFor: async () => ({ dialect: "rows", answer: [0] }),
        maxScoreBytes: 50_000_000,
        deadlineMs: 5000,
        admission,
        metrics: createMetrics(() => ({
            workers: 1,
            waiting: 0,
            running: 0,
            answered: 0,
            failed: 0,
            ...admission.state(),
        })),
        debugging: () => false,
        fetchImage: createImageFetcher({ allowPrivateUrls: true }),
        keys: [],
        corsOrigins: [],
        hasPage: true,
        isReady: () => true,
        info: () => ({ service: { name: "test", version: "0.0.0", node: "" }, models: [], options: {} }),
        log: (entry) => logs.push(entry),
        ...parts,
    });
    const { server, port } = await listen(app, readOptions({ HOST: "127.0.0.1", PORT: "0" }), (entry) =>
        logs.push(entry),
    );
    return {
        url: `http://127.0.0.1:${port}`,
        logs,
        async close() {
            server.close();
            server.closeAllConnections();
            await once(server, "close");
        },
    };
}
