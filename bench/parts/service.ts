import { busySeconds, groupUse, ownSeconds } from "../cpuTime";
import { goalsTable } from "../goals";
import { type Limit, startHardwareLimit, startLimit } from "../limit";
import { load } from "../load";
import { markdownTable } from "../markdownTable";
import { DEFAULT_MODEL, installPeers, type Materials, prepareMaterials } from "../materials";
import type { PartResult, Wishes } from "../part";
import { classify, ourService, PEERS_OF_OURS, type Server, type ServerKind, startServer } from "../servers";
import { type Figure, figureOf, showFigure } from "../statistics";
import { serviceGoals } from "./serviceGoals";
import { CONNECTIONS, L2, MANY_CONNECTIONS, type ServiceRow } from "./serviceRow";

interface Window {
    imagesPerSecond: number;
    cpuMsPerImage: number;
    p50Ms?: number;
    p99Ms?: number;
    rssMb?: number;
    generatorMs?: number;
    /** Cores that something else kept busy meanwhile. */
    background: number;
}

interface Subject {
    name: string;
    model: string;
    image: string;
    connections: number;
    measure(): Promise<Omit<Window, "background"> & { seconds: number; ownCpu: number }>;
}

const MOST_BACKGROUND = 0.15;
const LARGEST_DIFFERENCE = 2e-4;

/**
 * Throughput of the service in both modes, of the limits and of the peers: every subject once per round, so that what
 * changes slowly meets all alike. Windows in which something else took more than 0.15 cores are repeated once, then
 * discarded. Fails if a peer answers differently from us.
 */
export async function service({ quick, env }: Wishes): Promise<PartResult> {
    const materials = { ...(await prepareMaterials(env)), python: installPeers(env) };
    const rounds = quick ? 2 : 5;
    const seconds = quick ? 1 : 2;
    const limit = await startLimit(materials);
    const hardware = await startHardwareLimit(materials);
    const servers = new Map<ServerKind, Server>();
    const others = {
        SqueezeNet: new Map<ServerKind, Server>(),
        "default model": new Map<ServerKind, Server>(),
    };
    try {
        for (const kind of [ourService("exact"), ourService("fast"), ...PEERS_OF_OURS]) {
            servers.set(kind, await startServer(kind, { ...materials, image: materials.images[0].file }));
        }
        await requireAgreement(servers, materials);
        const image = materials.images[0].file;
        for (const mode of ["exact", "fast"] as const) {
            const kind = ourService(mode);
            const start = (model: string) => startServer(kind, { ...materials, model, image });
            others.SqueezeNet.set(kind, await start(materials.squeezeNet));
            others["default model"].set(kind, await start(DEFAULT_MODEL));
        }
        const subjects = [
            ...limitSubjects(limit, hardware, materials, seconds),
            ...serverSubjects(servers, "MobileNetV2", materials, seconds),
            ...Object.entries(others).flatMap(([model, of]) => serverSubjects(of, model, materials, seconds)),
        ];
        const windows = new Map<Subject, Window[]>(subjects.map((subject) => [subject, []]));
        for (let round = 0; round < rounds; round++) {
            for (const subject of subjects) {
                const kept = windows.get(subject) ?? [];
                const window = await measure(subject);
                kept.push(window);
                if (window.background > MOST_BACKGROUND && !quick) {
                    kept.push(await measure(subject));
                }
            }
            process.stderr.write(`service: round ${round + 1} of ${rounds}\n`);
        }
        const raw = [...windows].map(([{ name, model, image, connections }, all]) => ({
            name,
            model,
            image,
            connections,
            windows: all,
        }));
        const rows = raw.map(({ windows: all, ...row }) => rowOf(row, all));
        const goals = serviceGoals(rows);
        return { rows, goals, raw, table: `${serviceTable(rows)}\n\n${goalsTable(goals)}` };
    } finally {
        limit.stop();
        hardware.stop();
        await Promise.all(
            [servers, ...Object.values(others)]
                .flatMap((of) => [...of.values()])
                .map((server) => server.stop()),
        );
    }
}

async function measure(subject: Subject): Promise<Window> {
    const busy = busySeconds();
    const own = ownSeconds();
    const start = performance.now();
    const { ownCpu, seconds: _seconds, ...window } = await subject.measure();
    const wall = (performance.now() - start) / 1000;
    const others = busySeconds() - busy - ownCpu - (ownSeconds() - own);
    return { ...window, background: Math.max(0, others / wall) };
}

function rowOf(
    about: Pick<ServiceRow, "name" | "model" | "image" | "connections">,
    windows: Window[],
): ServiceRow {
    const clean = windows.filter(({ background }) => background <= MOST_BACKGROUND);
    const used = clean.length > 0 ? clean : windows;
    const figure = (key: keyof Window) => {
        const values = used.map((window) => window[key]).filter((value) => value !== undefined);
        return values.length > 0 ? figureOf(values) : undefined;
    };
    return {
        ...about,
        imagesPerSecond: figure("imagesPerSecond") as Figure,
        cpuMsPerImage: figure("cpuMsPerImage") as Figure,
        p50Ms: figure("p50Ms"),
        p99Ms: figure("p99Ms"),
        rssMb: figure("rssMb"),
        generatorMs: figure("generatorMs"),
        clean: clean.length,
        windows: windows.length,
    };
}

function limitSubjects(limit: Limit, hardware: Limit, { images }: Materials, seconds: number): Subject[] {
    const kinds = [
        { name: "L1, exact", run: limit.run, mode: "exact" },
        { name: "L1, fast", run: limit.run, mode: "fast" },
        { name: L2, run: hardware.run },
    ] as const;
    return images.flatMap(({ name: image, file }) =>
        kinds.map(({ name, run, ...how }) => ({
            name,
            model: "MobileNetV2",
            image,
            connections: 0,
            async measure() {
                const start = busySeconds();
                const report = await run({ ...how, image: file, seconds });
                return {
                    imagesPerSecond: report.images / report.seconds,
                    cpuMsPerImage: (report.cpuSeconds / report.images) * 1000,
                    seconds: report.seconds,
                    // The limits take all cores, so that what was busy during their warm-up was theirs.
                    ownCpu: Math.max(
                        report.cpuSeconds,
                        Math.min(busySeconds() - start, report.cpuSeconds * 1.4),
                    ),
                };
            },
        })),
    );
}

function serverSubjects(
    servers: ReadonlyMap<ServerKind, Server>,
    model: string,
    { images }: Materials,
    seconds: number,
): Subject[] {
    return [...servers].flatMap(([{ name }, server]) => {
        const isOurs = name.startsWith("ours");
        return images.flatMap(({ name: image, file }, index) => {
            const counts =
                isOurs && index === 0 && model === "MobileNetV2"
                    ? [CONNECTIONS, 1, MANY_CONNECTIONS]
                    : [CONNECTIONS];
            return counts.map((connections) => ({
                name,
                model,
                image,
                connections,
                // Some peers need a second for eight of the largest images.
                measure: () => loadWindow(server, file, connections, index === 2 ? seconds * 3 : seconds),
            }));
        });
    });
}

/** What a server does under load for a while. */
export async function loadWindow(server: Server, file: string, connections: number, seconds: number) {
    const before = groupUse(server.process.pid);
    const generatorBefore = ownSeconds();
    const result = await load(server.url, server.bodyOf(file), connections, seconds);
    const after = groupUse(server.process.pid);
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    return {
        imagesPerSecond: result.good / result.seconds,
        cpuMsPerImage: (cpuSeconds / result.good) * 1000,
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
        rssMb: after.rssBytes / 1e6,
        generatorMs: ((ownSeconds() - generatorBefore) / result.good) * 1000,
        seconds: result.seconds,
        ownCpu: cpuSeconds,
    };
}

async function requireAgreement(
    servers: ReadonlyMap<ServerKind, Server>,
    { images }: Materials,
): Promise<void> {
    const [[, ours] = []] = servers;
    for (const { file, name: image } of images) {
        const expected = await classify(ours as Server, file);
        for (const [{ name }, server] of servers) {
            const found = await classify(server, file);
            const difference = Math.max(...found.map((value, at) => Math.abs(value - (expected[at] ?? 2))));
            if (difference > LARGEST_DIFFERENCE && name !== ourService("fast").name) {
                throw new Error(
                    `Expected ${name} to answer as we do to ${image}, its probabilities differ by ${difference}.`,
                );
            }
        }
    }
}

/** The rows as a table. */
export function serviceTable(rows: readonly ServiceRow[]): string {
    const show = (figure: Figure | undefined, digits: number) => (figure ? showFigure(figure, digits) : "–");
    return markdownTable([
        [
            "what",
            "network",
            "image",
            "conn.",
            "images/s",
            "CPU-ms/image",
            "p50 ms",
            "p99 ms",
            "RSS MB",
            "clean",
        ],
        ...rows.map((row) => [
            row.name,
            row.model,
            row.image,
            String(row.connections || "–"),
            show(row.imagesPerSecond, 1),
            show(row.cpuMsPerImage, 2),
            show(row.p50Ms, 1),
            show(row.p99Ms, 1),
            row.rssMb?.median.toFixed(0) ?? "–",
            `${row.clean}/${row.windows}`,
        ]),
    ]);
}
