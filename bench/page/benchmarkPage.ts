import { goalsTable } from "../goals";
import { markdownTable } from "../markdownTable";
import type { Results } from "../results";
import { type Bar, barChart } from "./barChart";

/** The files of the page of results by their path: `docs/benchmark.md` and its plots. */
export function benchmarkPage(results: Results): Record<string, string> {
    const plots = throughputPlots(results);
    const runs = Object.entries(results.parts);
    const page = `# Results of the benchmark

Written from [\`bench/results.json\`](../bench/results.json) by \`npm run bench -- page\`, and after each run of a part.
Single measurements, of disturbed windows too, are in \`bench/raw/\`. How it is measured, and what holds back a goal that
is not met: [performance.md](performance.md).

## Goals

${goalsTable(results.goals)}

## Runs

${markdownTable([
    ["part", "date", "machine", ""],
    ...runs.map(([name, { date, machine, quick }]) => [
        name,
        date.slice(0, 10),
        machine,
        quick ? "quick: few and short windows" : "",
    ]),
])}
${plots.map(({ file, title }) => `\n![${title}](benchmark/${file})\n`).join("")}
${runs.map(([name]) => `## ${name}\n\n${rowsTable(results.rows.filter(({ part }) => part === name))}\n`).join("\n")}`;
    return {
        "docs/benchmark.md": page,
        ...Object.fromEntries(plots.map(({ file, svg }) => [`docs/benchmark/${file}`, svg])),
    };
}

/** Images a second of every limit, peer and mode, a plot for each size of image. */
function throughputPlots({ rows }: Results): { file: string; title: string; svg: string }[] {
    const compared = rows.filter(({ part, model }) => part === "service" && model === "MobileNetV2");
    // Peers were measured with one number of connections and limits with none; ours was measured with others too.
    const busy = new Set([0, compared.find(({ name }) => name === "gunicorn")?.connections]);
    const images = [...new Set(compared.map(({ image }) => String(image)))];
    return images.map((image) => {
        const bars = compared
            .filter((row) => row.image === image && busy.has(row.connections))
            .map((row): Bar => {
                const { median, range } = row.imagesPerSecond as { median: number; range: [number, number] };
                const label = String(row.name);
                return { label, value: median, range, isOurs: label.startsWith("ours") };
            })
            .toSorted((one, other) => other.value - one.value);
        const title = `Images per second, ${image}`;
        const file = `throughput-${image.replace("×", "x")}.svg`;
        return { file, title, svg: barChart(title, bars) };
    });
}

/** Rows of any part: their fields as columns, figures as median and range. */
function rowsTable(rows: Results["rows"]): string {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => key !== "part");
    return markdownTable([columns, ...rows.map((row) => columns.map((column) => show(row[column])))]);
}

function show(value: unknown): string {
    if (typeof value === "number") {
        return Number.isInteger(value) ? String(value) : value.toPrecision(3);
    }
    if (typeof value === "object" && value !== null && "median" in value) {
        const { median, range } = value as { median: number; range: number[] };
        return `${show(median)} [${range.map(show).join("–")}]`;
    }
    return typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "–");
}
