import { CONNECTIONS, type ServiceRow } from "./service";
import type { SizeRow } from "./size";
import { type Figure, ratioOf } from "./statistics";

/** A goal and how near to it a run came. */
export interface Goal {
    id: string;
    goal: string;
    figure: number;
    range: [number, number];
    pass: boolean;
}

const IMAGES = ["640×480", "1920×1080", "4000×3000"];
const LIMITS = ["L1, exact", "L1, fast", "L2"];
const CONTAINER = "Flask, container's shape";

/** The goals that the service part can tell. */
export function serviceGoals(rows: readonly ServiceRow[]): Goal[] {
    const find = (name: string, image: string, connections: number) =>
        rows.find((row) => row.name === name && row.image === image && row.connections === connections);
    const speed = (name: string, image: string) =>
        find(name, image, LIMITS.includes(name) ? 0 : CONNECTIONS)?.imagesPerSecond;
    const peers = [...new Set(rows.map(({ name }) => name))].filter(
        (name) => !name.startsWith("ours") && !LIMITS.includes(name),
    );
    const bestPeer = (image: string) =>
        peers
            .map((name) => speed(name, image))
            .filter((figure) => figure !== undefined)
            .toSorted((one, other) => other.median - one.median)[0];
    const goals: Goal[] = [];
    const atLeast = (id: string, goal: string, least: number, one?: Figure, other?: Figure) => {
        if (one && other) {
            const { median, range } = ratioOf(one, other);
            goals.push({ id, goal: `${goal} ≥ ${least}`, figure: median, range, pass: median >= least });
        }
    };
    for (const mode of ["exact", "fast"] as const) {
        const ours = `ours, ${mode}`;
        const least = {
            exact: { P3: [1.4, 2, 2.8], P4: [1.2, 1.8, 2.5] },
            fast: { P3: [1.4, 2.5, 6], P4: [1.2, 2.2, 5] },
        }[mode];
        IMAGES.forEach((image, index) => {
            const about = `${mode}, ${image}`;
            const mine = speed(ours, image);
            atLeast("P1", `${about}: throughput ÷ L1`, 0.95, mine, speed(`L1, ${mode}`, image));
            if (mode === "fast" && index === 0) {
                atLeast("P2", `${about}: throughput ÷ L2`, 0.75, mine, speed("L2", image));
            }
            atLeast(
                "P3",
                `${about}: ÷ the container's shape`,
                least.P3[index] ?? 0,
                mine,
                speed(CONTAINER, image),
            );
            atLeast("P4", `${about}: ÷ the best peer`, least.P4[index] ?? 0, mine, bestPeer(image));
        });
        const [image = ""] = IMAGES;
        const many = find(ours, image, 64);
        if (many?.p99Ms) {
            const { median, range } = many.p99Ms;
            const ideal = (64 / many.imagesPerSecond.median) * 1000;
            const figure = median / ideal;
            goals.push({
                id: "P5",
                goal: `${mode}, ${image}: p99 at 64 connections ÷ (64 ÷ throughput) ≤ 1.3`,
                figure,
                range: [range[0] / ideal, range[1] / ideal],
                pass: figure <= 1.3,
            });
        }
        const single = find(ours, image, 1)?.p50Ms;
        const alone = find(`L1, ${mode}`, image, 0)?.cpuMsPerImage;
        if (single && alone) {
            const { median, range } = ratioOf(single, alone);
            goals.push({
                id: "P6",
                goal: `${mode}, ${image}: p50 at 1 connection ÷ decode and run alone ≤ 1.15`,
                figure: median,
                range,
                pass: median <= 1.15,
            });
        }
    }
    return goals.toSorted((one, other) => one.id.localeCompare(other.id));
}

/** The goal for the content of the image, of this machine's architecture. */
export function sizeGoal(rows: readonly SizeRow[]): Goal {
    const most = process.arch === "x64" ? 80 : 60;
    const figure = rows.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    return {
        id: "P9",
        goal: `content of the image without its base, ${process.arch}, MB ≤ ${most}`,
        figure,
        range: [figure, figure],
        pass: figure <= most,
    };
}

export function goalsTable(goals: readonly Goal[]): string {
    return [
        ["goal", "", "figure", "range", "met"],
        ["---", "---", "---", "---", "---"],
        ...goals.map(({ id, goal, figure, range, pass }) => [
            id,
            goal,
            figure.toFixed(2),
            range.map((value) => value.toFixed(2)).join("–"),
            pass ? "yes" : "**no**",
        ]),
    ]
        .map((line) => `| ${line.join(" | ")} |`)
        .join("\n");
}
