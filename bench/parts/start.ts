import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { forgetPeak, processMemory } from "../cpuTime";
import { atMost } from "../goals";
import { load } from "../load";
import { markdownTable } from "../markdownTable";
import { DEFAULT_MODEL, type Materials, prepareMaterials } from "../materials";
import type { PartResult, Wishes } from "../part";
import { freePort, ourService, spawnServer } from "../servers";
import { figureOf, showFigure } from "../statistics";
import { CONNECTIONS } from "./serviceRow";

interface Start {
    firstPredictionMs: number;
    readyMb: number;
    loadedMb: number;
}

/** From the start of a process to its first prediction, and what it holds in memory then and under load. */
export async function start({ quick, env }: Wishes): Promise<PartResult> {
    const materials = await prepareMaterials(env);
    const models = { MobileNetV2: materials.model, "default model": DEFAULT_MODEL };
    const raw: { model: string; starts: Start[] }[] = Object.keys(models).map((model) => ({
        model,
        starts: [],
    }));
    for (let round = 0; round < (quick ? 3 : 9); round++) {
        for (const { model, starts } of raw) {
            const folder = models[model as keyof typeof models];
            starts.push(await measure({ ...materials, model: folder }, quick ? 1 : 2));
        }
    }
    const rows = raw.map(({ model, starts }) => ({
        model,
        firstPredictionMs: figureOf(starts.map(({ firstPredictionMs }) => firstPredictionMs)),
        readyMb: figureOf(starts.map(({ readyMb }) => readyMb)),
        loadedMb: figureOf(starts.map(({ loadedMb }) => loadedMb)),
    }));
    const [goals] = rows;
    return {
        rows,
        raw,
        goals: goals
            ? [
                  atMost(
                      "P8",
                      "start of the process to its first prediction, ms",
                      500,
                      goals.firstPredictionMs,
                  ),
                  atMost("P8", "memory under load with two workers, MB", 330, goals.loadedMb),
              ]
            : [],
        table: markdownTable([
            ["start, two workers", "first prediction, ms", "ready, MB", "loaded, MB"],
            ...rows.map((row) => [
                row.model,
                showFigure(row.firstPredictionMs, 0),
                row.readyMb.median.toFixed(0),
                row.loadedMb.median.toFixed(0),
            ]),
        ]),
    };
}

async function measure(materials: Omit<Materials, "python">, seconds: number): Promise<Start> {
    const [{ file }] = materials.images;
    const body = await readFile(file);
    const port = await freePort();
    // The service is as by default, with the probe at its start, which may find a network of random weights odd and go on.
    const service = ourService("exact", { PROBE: "warn", WORKERS: "2", MAX_REQUESTS: "" });
    const begun = performance.now();
    const server = spawnServer(service, port, { ...materials, python: "" });
    try {
        while (!(await isAnswered(server.url, body))) {
            server.requireRunning();
            await sleep(2);
        }
        const firstPredictionMs = performance.now() - begun;
        const { pid } = server.process;
        // The second worker opens the model after the first has answered.
        await sleep(1000);
        const readyMb = processMemory(pid).rssBytes / 1e6;
        forgetPeak(pid);
        await load(server.url, server.bodyOf(file), CONNECTIONS, seconds);
        return { firstPredictionMs, readyMb, loadedMb: processMemory(pid).peakBytes / 1e6 };
    } finally {
        await server.stop();
    }
}

/** Whether the service answers with a prediction; as long as nothing listens it does not. */
async function isAnswered(url: string, body: Buffer): Promise<boolean> {
    try {
        const answer = await fetch(url, { method: "POST", body });
        await answer.arrayBuffer();
        return answer.ok;
    } catch {
        return false;
    }
}
