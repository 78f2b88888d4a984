import { atLeast, atMost, type Goal } from "../goals";
import { type Figure, ratioOf } from "../statistics";
import { CONNECTIONS, L2, MANY_CONNECTIONS, type ServiceRow } from "./serviceRow";

const IMAGES = ["640×480", "1920×1080", "4000×3000"];
const LIMITS = ["L1, exact", "L1, fast", L2];
const CONTAINER = "Flask, container's shape";

/** How many times a peer's throughput ours has to be, for each image. */
const LEAST = {
    exact: { container: [1.4, 2, 2.8], bestPeer: [1.2, 1.8, 2.5] },
    fast: { container: [1.4, 2.5, 6], bestPeer: [1.2, 2.2, 5] },
};

/** The goals that the service part can tell, all of them about the network of the goals. */
export function serviceGoals(all: readonly ServiceRow[]): Goal[] {
    const rows = all.filter(({ model }) => model === "MobileNetV2");
    const goals = (["exact", "fast"] as const).flatMap((mode) => [
        ...throughputGoals(rows, mode),
        ...latencyGoals(rows, mode),
    ]);
    return goals.toSorted((one, other) => one.id.localeCompare(other.id));
}

function throughputGoals(rows: readonly ServiceRow[], mode: "exact" | "fast"): Goal[] {
    const speed = (name: string, image: string) =>
        find(rows, name, image, LIMITS.includes(name) ? 0 : CONNECTIONS)?.imagesPerSecond;
    const goals: Goal[] = [];
    IMAGES.forEach((image, index) => {
        const mine = speed(`ours, ${mode}`, image);
        const times = (id: string, than: string, least: number, other: Figure | undefined) => {
            if (mine && other) {
                goals.push(
                    atLeast(id, `${mode}, ${image}: throughput ÷ ${than}`, least, ratioOf(mine, other)),
                );
            }
        };
        times("P1", "L1", 0.95, speed(`L1, ${mode}`, image));
        if (mode === "fast" && index === 0) {
            times("P2", "L2", 0.75, speed(L2, image));
        }
        times("P3", "the container's shape", LEAST[mode].container[index] ?? 0, speed(CONTAINER, image));
        times("P4", "the best peer", LEAST[mode].bestPeer[index] ?? 0, bestPeer(rows, image));
    });
    return goals;
}

function latencyGoals(rows: readonly ServiceRow[], mode: "exact" | "fast"): Goal[] {
    const [image = ""] = IMAGES;
    const many = find(rows, `ours, ${mode}`, image, MANY_CONNECTIONS);
    const single = find(rows, `ours, ${mode}`, image, 1)?.p50Ms;
    const alone = find(rows, `L1, ${mode}`, image, 0)?.cpuMsPerImage;
    const goals: Goal[] = [];
    if (many?.p99Ms) {
        const ideal = (MANY_CONNECTIONS / many.imagesPerSecond.median) * 1000;
        const ratio = ratioOf(many.p99Ms, { median: ideal, range: [ideal, ideal] });
        goals.push(atMost("P5", `${mode}, ${image}: p99 at 64 connections ÷ (64 ÷ throughput)`, 1.3, ratio));
    }
    if (single && alone) {
        const ratio = ratioOf(single, alone);
        goals.push(
            atMost("P6", `${mode}, ${image}: p50 at 1 connection ÷ decode and run alone`, 1.15, ratio),
        );
    }
    return goals;
}

function bestPeer(rows: readonly ServiceRow[], image: string): Figure | undefined {
    return rows
        .filter(({ name }) => !name.startsWith("ours") && !LIMITS.includes(name))
        .filter((row) => row.image === image && row.connections === CONNECTIONS)
        .map(({ imagesPerSecond }) => imagesPerSecond)
        .toSorted((one, other) => other.median - one.median)[0];
}

function find(rows: readonly ServiceRow[], name: string, image: string, connections: number) {
    return rows.find((row) => row.name === name && row.image === image && row.connections === connections);
}
