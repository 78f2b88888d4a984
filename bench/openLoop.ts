import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How requests at a constant rate were answered. */
export interface OpenLoopResult {
    good: number;
    /** Requests that were told to come back. */
    refused: number;
    /** Requests that were answered otherwise, or not at all. */
    failed: number;
    seconds: number;
    p50Ms: number;
    p99Ms: number;
}

/**
 * Posts the bodies in turn at a constant rate, whatever the answers take. Of our own because wrk knows no rate, and
 * autocannon sends what is due in a second all at once at its beginning.
 */
export async function openLoop(
    url: string,
    bodies: readonly Buffer[],
    perSecond: number,
    seconds: number,
): Promise<OpenLoopResult> {
    const agent = new Agent({ keepAlive: true });
    const times: number[] = [];
    const counts = { good: 0, refused: 0, failed: 0 };
    const post = async (body: Buffer) => {
        const start = performance.now();
        const status = await answerStatus(url, agent, body);
        times.push(performance.now() - start);
        counts[status === 200 ? "good" : status === 503 ? "refused" : "failed"]++;
    };
    const start = performance.now();
    const posts = new Set<Promise<void>>();
    for (let sent = 0; sent / perSecond < seconds; sent++) {
        await sleep(Math.max(0, start + (sent / perSecond) * 1000 - performance.now()));
        const posted = post(bodies[sent % bodies.length] as Buffer);
        posts.add(posted);
        void posted.finally(() => posts.delete(posted));
    }
    await Promise.all(posts);
    agent.destroy();
    const passed = (performance.now() - start) / 1000;
    times.sort((one, other) => one - other);
    const at = (part: number) => times[Math.ceil(times.length * part) - 1] ?? Number.NaN;
    return { ...counts, seconds: passed, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The status of the answer; undefined where the connection failed. */
function answerStatus(url: string, agent: Agent, body: Buffer): Promise<number | undefined> {
    return new Promise((resolve) => {
        const sent = request(url, { method: "POST", agent, headers: { "content-length": body.length } });
        sent.on("response", (response) => {
            response.resume();
            response.on("close", () => resolve(response.complete ? response.statusCode : undefined));
        });
        sent.on("error", () => resolve(undefined));
        sent.end(body);
    });
}
