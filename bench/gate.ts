import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { groupUse } from "./cpuTime";
import { startLimit } from "./limit";
import type { prepareMaterials } from "./materials";
import { ourService, type Server, startServer } from "./servers";
import { type Figure, figureOf, showFigure } from "./statistics";

const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = 8;
/** The least share of the committed figure that passes; below it something has become slower by a quarter. */
const LEAST = 0.8;

/**
 * Processor time of L1 per image over that of the service, in the mode `exact` at 640×480: what everything around
 * decoding and running costs. It is processor time, not wall time, and both are measured in turn, so that other load
 * on the machine hardly matters.
 */
export async function gateFigure(materials: Awaited<ReturnType<typeof prepareMaterials>>): Promise<Figure> {
    const { file } = materials.images[0];
    const limit = await startLimit(materials);
    const server = await startServer(ourService("exact"), { ...materials, python: "", image: file });
    try {
        const body = await readFile(file);
        await post(server, body, 1);
        const ratios: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
            const alone = await limit.run({ mode: "exact", image: file, seconds: SECONDS });
            const before = groupUse(server.process.pid).cpuSeconds;
            const images = await post(server, body, SECONDS);
            const cpuSeconds = groupUse(server.process.pid).cpuSeconds - before;
            ratios.push(alone.cpuSeconds / alone.images / (cpuSeconds / images));
        }
        return figureOf(ratios);
    } finally {
        limit.stop();
        await server.stop();
    }
}

/** Throws if the figure is below what the committed one allows. */
export function requireNoRegression(figure: Figure, committed: Figure | undefined): string {
    if (!committed) {
        throw new Error(
            "Expected the committed figure `gate` in bench/results.json, found none. Run: npm run bench -- gate --commit",
        );
    }
    const least = committed.median * LEAST;
    const found = `L1's processor time per image ÷ the service's: ${showFigure(figure, 3)}`;
    if (figure.median < least) {
        throw new Error(
            `Expected ${found} to be at least ${least.toFixed(3)}, 0.8 × the committed ${committed.median.toFixed(3)}. ` +
                "Look for what the service does more per request.",
        );
    }
    return `${found}; committed ${committed.median.toFixed(3)}, least ${least.toFixed(3)}: passed.`;
}

/** Posts over kept-alive connections for a while; how many answers there were. */
async function post({ url }: Server, body: Buffer, seconds: number): Promise<number> {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const end = Date.now() + seconds * 1000;
    let images = 0;
    const connection = async () => {
        while (Date.now() < end) {
            await new Promise<void>((resolve, reject) => {
                const sent = request(url, {
                    method: "POST",
                    agent,
                    headers: { "content-length": body.length },
                });
                sent.on("response", (response) => {
                    response.resume();
                    response.on("end", () => {
                        if (response.statusCode === 200) {
                            images++;
                        }
                        resolve();
                    });
                });
                sent.on("error", reject);
                sent.end(body);
            });
        }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    agent.destroy();
    return images;
}
