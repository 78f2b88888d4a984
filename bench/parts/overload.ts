import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { forgetPeak, ownSeconds, processMemory } from "../cpuTime";
import { atLeast, atMost } from "../goals";
import { load } from "../load";
import { markdownTable } from "../markdownTable";
import { prepareMaterials } from "../materials";
import type { PartResult, Wishes } from "../part";
import { ourService, type Server, startServer } from "../servers";
import { figureOf } from "../statistics";
import { CONNECTIONS } from "./serviceRow";

const FLOOD_CONNECTIONS = 500;
const PROBE_EVERY_MS = 50;

interface Round {
    loadedPerSecond: number;
    loadedPeakMb: number;
    floodedPerSecond: number;
    floodedPeakMb: number;
    refusedPerSecond: number;
    failedConnections: number;
    healthP99Ms: number;
    healthMaxMs: number;
    /** Cores that the generator took while it flooded: it shares them with the service. */
    generatorCores: number;
}

/**
 * As many clients as post 12 megapixels at once, against a service as it is by default, beside the same service with
 * no more than it lets in. Each round has a fresh process, so that the memory of one load is not that of the other.
 */
export async function overload({ quick, env }: Wishes): Promise<PartResult> {
    const materials = await prepareMaterials(env);
    const [, , { file }] = materials.images;
    const raw: Record<"exact" | "fast", Round[]> = { exact: [], fast: [] };
    for (let round = 0; round < (quick ? 1 : 3); round++) {
        for (const mode of ["exact", "fast"] as const) {
            const service = ourService(mode, { MAX_REQUESTS: "" });
            const server = await startServer(service, { ...materials, python: "", image: file });
            try {
                raw[mode].push(await measure(server, file, quick ? 4 : 8));
            } finally {
                await server.stop();
            }
        }
    }
    const modes = Object.entries(raw);
    const rows = modes.map(([mode, rounds]) => ({ mode, ...figures(rounds) }));
    return {
        rows,
        raw,
        goals: modes.flatMap(([mode, rounds]) => {
            const ratio = (one: keyof Round, other: keyof Round) =>
                figureOf(rounds.map((round) => round[one] / round[other]));
            return [
                atMost("P7", `${mode}: slowest answer of health, ms`, 100, figures(rounds).healthMaxMs),
                atMost(
                    "P7",
                    `${mode}: peak of memory ÷ peak when loaded`,
                    1.25,
                    ratio("floodedPeakMb", "loadedPeakMb"),
                ),
                atLeast(
                    "P7",
                    `${mode}: good answers ÷ those when loaded`,
                    0.7,
                    ratio("floodedPerSecond", "loadedPerSecond"),
                ),
            ];
        }),
        table: markdownTable([
            [
                "500 × 12 MP",
                "images/s (loaded)",
                "refused/s",
                "health p99, max ms",
                "peak MB (loaded)",
                "generator, cores",
            ],
            ...rows.map((row) => [
                row.mode,
                `${row.floodedPerSecond.median.toFixed(1)} (${row.loadedPerSecond.median.toFixed(1)})`,
                row.refusedPerSecond.median.toFixed(0),
                `${row.healthP99Ms.median.toFixed(0)}, ${row.healthMaxMs.median.toFixed(0)}`,
                `${row.floodedPeakMb.median.toFixed(0)} (${row.loadedPeakMb.median.toFixed(0)})`,
                row.generatorCores.median.toFixed(2),
            ]),
        ]),
    };
}

async function measure(server: Server, file: string, seconds: number): Promise<Round> {
    const { pid } = server.process;
    const body = server.bodyOf(file);
    await load(server.url, body, CONNECTIONS, 2);
    forgetPeak(pid);
    const loaded = await load(server.url, body, CONNECTIONS, seconds);
    const loadedPeakMb = processMemory(pid).peakBytes / 1e6;

    forgetPeak(pid);
    const generator = ownSeconds();
    const start = performance.now();
    const flood = load(server.url, body, FLOOD_CONNECTIONS, seconds);
    const health = await probeHealth(server, flood);
    const flooded = await flood;
    // This process only waits and probes meanwhile, so what it and its children took is the generator's.
    const generatorCores = (ownSeconds() - generator) / ((performance.now() - start) / 1000);
    return {
        loadedPerSecond: loaded.good / loaded.seconds,
        loadedPeakMb,
        floodedPerSecond: flooded.good / flooded.seconds,
        floodedPeakMb: processMemory(pid).peakBytes / 1e6,
        refusedPerSecond: flooded.refused / flooded.seconds,
        failedConnections: flooded.failed,
        healthP99Ms: health[Math.ceil(health.length * 0.99) - 1] ?? Number.NaN,
        healthMaxMs: health.at(-1) ?? Number.NaN,
        generatorCores,
    };
}

/** Asks again and again whether the service lives, over a connection of its own; sorted times in milliseconds. */
async function probeHealth(server: Server, until: Promise<unknown>): Promise<number[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const url = new URL("/health", server.url);
    const times: number[] = [];
    let going = true;
    const stop = () => {
        going = false;
    };
    until.then(stop, stop);
    while (going) {
        const start = performance.now();
        await new Promise<void>((resolve, reject) => {
            get(url, { agent }, (response) => {
                response.resume();
                response.on("end", resolve);
            }).on("error", reject);
        });
        times.push(performance.now() - start);
        await sleep(PROBE_EVERY_MS);
    }
    agent.destroy();
    return times.toSorted((one, other) => one - other);
}

function figures(rounds: readonly Round[]) {
    const of = (key: keyof Round) => figureOf(rounds.map((round) => round[key]));
    return {
        loadedPerSecond: of("loadedPerSecond"),
        floodedPerSecond: of("floodedPerSecond"),
        refusedPerSecond: of("refusedPerSecond"),
        failedConnections: of("failedConnections"),
        healthP99Ms: of("healthP99Ms"),
        healthMaxMs: of("healthMaxMs"),
        loadedPeakMb: of("loadedPeakMb"),
        floodedPeakMb: of("floodedPeakMb"),
        generatorCores: of("generatorCores"),
    };
}
