import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { processMemory } from "../cpuTime";
import { atMost } from "../goals";
import { load } from "../load";
import { markdownTable } from "../markdownTable";
import { type Materials, prepareMaterials } from "../materials";
import { type OpenLoopResult, openLoop } from "../openLoop";
import type { PartResult, Wishes } from "../part";
import { ourService, type Server, startServer } from "../servers";
import { figureOf } from "../statistics";
import { CONNECTIONS } from "./serviceRow";

const OF_CAPACITY = 0.8;
/** The second tenth of the run is compared with the last one; in the first tenth memory still settles. */
const TENTH = 0.1;
const CAPACITY_SECONDS = 8;
const SAMPLES = 900;

interface Sample {
    seconds: number;
    rssMb: number;
    readyWorkers: number;
    failedJobs: number;
}

/**
 * Images of all sizes in turn at a constant rate, 0.8 of what the service was seen to manage just before, for as long as
 * wished: whether its memory grows, anything fails or a worker is lost.
 */
export async function soak({ minutes, env }: Wishes): Promise<PartResult> {
    const materials = await prepareMaterials(env);
    const bodies = await Promise.all(materials.images.map(({ file }) => readFile(file)));
    const server = await startServer(ourService("exact"), {
        ...materials,
        python: "",
        image: materials.images[0].file,
    });
    try {
        const capacity = await capacityOf(server, materials.images);
        const run = openLoop(server.url, bodies, capacity * OF_CAPACITY, minutes * 60);
        const samples = await sampleUntil(run, server, Math.max(250, (minutes * 60_000) / SAMPLES));
        const result = await run;
        return resultOf(samples, capacity, result);
    } finally {
        await server.stop();
    }
}

/** Images a second, when as many of each size are asked for. */
async function capacityOf(server: Server, images: Materials["images"]): Promise<number> {
    let secondsForOneOfEach = 0;
    for (const { file } of images) {
        const { good, seconds } = await load(server.url, server.bodyOf(file), CONNECTIONS, CAPACITY_SECONDS);
        secondsForOneOfEach += seconds / good;
    }
    return images.length / secondsForOneOfEach;
}

/** How the service is, at these intervals, until something else has ended. */
async function sampleUntil(end: Promise<unknown>, server: Server, everyMs: number): Promise<Sample[]> {
    const samples: Sample[] = [];
    const start = performance.now();
    let going = true;
    const stop = () => {
        going = false;
    };
    end.then(stop, stop);
    while (going) {
        const metrics = await (await fetch(new URL("/metrics", server.url))).text();
        const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
        samples.push({
            seconds: Math.round((performance.now() - start) / 1000),
            rssMb: Math.round(processMemory(server.process.pid).rssBytes / 1e5) / 10,
            readyWorkers: metric("classifier_workers_ready"),
            failedJobs: metric('classifier_jobs_total{result="failed"}'),
        });
        await sleep(everyMs);
    }
    return samples;
}

function resultOf(samples: Sample[], capacity: number, result: OpenLoopResult): PartResult {
    const tenth = Math.max(1, Math.floor(samples.length * TENTH));
    const memory = (part: Sample[]) => figureOf(part.map(({ rssMb }) => rssMb));
    const first = memory(samples.slice(tenth, 2 * tenth));
    const last = memory(samples.slice(-tenth));
    const drift = figureOf([(last.median / first.median - 1) * 100]);
    const workers = samples.map(({ readyWorkers }) => readyWorkers);
    const errors = result.refused + result.failed + (samples.at(-1)?.failedJobs ?? Number.NaN);
    const lost = Math.max(...workers) - Math.min(...workers);
    const row = {
        minutes: result.seconds / 60,
        capacityPerSecond: capacity,
        answered: result.good,
        perSecond: result.good / result.seconds,
        errors,
        refused: result.refused,
        workersLost: lost,
        firstMb: first,
        lastMb: last,
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
    };
    const of = `${row.minutes.toFixed(0)} minutes at ${row.perSecond.toFixed(0)} images/s`;
    return {
        rows: [row],
        raw: samples,
        goals: [
            atMost("P12", `${of}: growth of memory, %`, 5, drift),
            atMost("P12", `${of}: errors`, 0, figureOf([errors])),
            atMost("P12", `${of}: workers lost`, 0, figureOf([lost])),
        ],
        table: markdownTable([
            [
                "soak",
                "images/s (capacity)",
                "answered",
                "errors",
                "workers lost",
                "MB, first → last",
                "p50, p99 ms",
            ],
            [
                `${row.minutes.toFixed(1)} min`,
                `${row.perSecond.toFixed(1)} (${capacity.toFixed(1)})`,
                String(row.answered),
                String(errors),
                String(lost),
                `${first.median.toFixed(0)} → ${last.median.toFixed(0)}`,
                `${row.p50Ms.toFixed(0)}, ${row.p99Ms.toFixed(0)}`,
            ],
        ]),
    };
}
