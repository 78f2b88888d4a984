import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { signSas } from "../../local/planes/sas";
import { startTestHub, type TestHub } from "../../test/local/planes/hub/testHub";
import { copyProject, document, type ProjectCopy } from "../../test/support/projectCopy";
import { processMemory } from "../cpuTime";
import { atMost } from "../goals";
import { markdownTable } from "../markdownTable";
import type { PartResult } from "../part";
import { freePort } from "../servers";
import { figureOf } from "../statistics";

const DEVICES = 1000;
const EDGE_DEVICES = 30;

/** What a thousand devices cost the local hub, and whether this machine carries thirty devices with running modules. */
export async function scale(): Promise<PartResult> {
    const hub = await hubMemory();
    const modules = await runningModules();
    return {
        rows: [
            {
                devices: DEVICES,
                kbOfHeap: hub.heapBytes / 1e3 / DEVICES,
                kbOfRss: hub.rssBytes / 1e3 / DEVICES,
            },
            { edgeDevices: EDGE_DEVICES, ...modules },
        ],
        goals: [
            atMost(
                "scale",
                "growth of the local hub's process for each of 1 000 devices, kB",
                20,
                figureOf([hub.rssBytes / 1e3 / DEVICES]),
            ),
            atMost(
                "scale",
                "of 30 devices, modules that do not answer",
                0,
                figureOf([EDGE_DEVICES - modules.answering]),
            ),
        ],
        table: markdownTable([
            ["scale", ""],
            ["devices with twins", `${DEVICES}`],
            ["heap of the hub for each, kB", (hub.heapBytes / 1e3 / DEVICES).toFixed(1)],
            ["growth of its process for each, kB", (hub.rssBytes / 1e3 / DEVICES).toFixed(1)],
            ["edge devices whose classifier answers", `${modules.answering} of ${EDGE_DEVICES}`],
            ["until all of them did, s", modules.seconds.toFixed(1)],
            ["memory of the modules together, MB", modules.modulesMb.toFixed(0)],
            ["memory of the local Azure, MB", modules.azureMb.toFixed(0)],
        ]),
    };
}

/** The hub runs in this very process, so that its heap can be looked at when nothing in it is garbage. */
async function hubMemory(): Promise<{ heapBytes: number; rssBytes: number }> {
    const hub = await startTestHub();
    try {
        await fill(hub, "warm-up", 50);
        const before = await settledMemory();
        await fill(hub, "device", DEVICES);
        const after = await settledMemory();
        return { heapBytes: after.heap - before.heap, rssBytes: after.rss - before.rss };
    } finally {
        await hub.close();
    }
}

/** Devices with tags and desired properties, as a fleet has them. */
async function fill(hub: TestHub, prefix: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
        const id = `${prefix}-${index}`;
        await hub.call("PUT", `/devices/${id}`, { body: {} });
        const twin = {
            tags: { site: `site-${index % 20}`, line: index % 7, role: "sorter" },
            properties: {
                desired: { threshold: 0.5, labels: ["ripe", "unripe"], camera: { fps: 5, width: 640 } },
            },
        };
        await hub.call("PATCH", `/twins/${id}`, { body: twin });
    }
}

async function settledMemory(): Promise<{ heap: number; rss: number }> {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    // The store keeps old versions for readers that may still look at them, and lets go of them after a moment.
    await sleep(3000);
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss };
}

interface LocalStatus {
    hub: { caFile: string };
    devices: { deviceId: string; modules: { url?: string; pid?: number; status: string }[] }[];
    processes: { name: string; pid: number }[];
}

/** Thirty devices on a local stack's hub, each with the classifier that the stack has deployed to its first one. */
async function runningModules() {
    const project = await copyProject();
    try {
        document(await project.edge("local", "up", "--json", "--runtime", "process"));
        const start = performance.now();
        await deployToOthers(project);
        let answering = 0;
        let status: LocalStatus | undefined;
        for (let tries = 0; tries < 150 && answering < EDGE_DEVICES; tries++) {
            await sleep(2000);
            status = document<LocalStatus>(await project.edge("local", "status", "--json"));
            answering = await countAnswering(status);
        }
        const seconds = (performance.now() - start) / 1000;
        const processes = status?.processes ?? [];
        const memory = (isAzure: boolean) =>
            processes
                .filter(({ name }) => (name === "local Azure") === isAzure)
                .reduce((sum, { pid }) => sum + processMemory(pid).rssBytes / 1e6, 0);
        return { answering, seconds, modulesMb: memory(false), azureMb: memory(true) };
    } finally {
        await project.remove();
    }
}

/** Gives 29 more devices the manifest of the first one, each with a port of its own, over the hub's own REST. */
async function deployToOthers(project: ProjectCopy): Promise<void> {
    const { hub } = document<LocalStatus>(await project.edge("local", "status", "--json"));
    const { connectionString } = document<{ connectionString: string }>(
        await project.edge("creds", "show", "hub", "--json"),
    );
    const call = hubCalls(connectionString, readFileSync(hub.caFile, "utf8"));
    const agent = desiredOf(await call("GET", "/twins/edge-device/modules/$edgeAgent"));
    const edgeHub = desiredOf(await call("GET", "/twins/edge-device/modules/$edgeHub"));
    const { ImageClassifier: classifier } = agent.modules;
    for (let index = 1; index < EDGE_DEVICES; index++) {
        const binding = { "80/tcp": [{ HostPort: String(await freePort()) }] };
        const settings = {
            image: classifier.settings.image,
            createOptions: JSON.stringify({ HostConfig: { PortBindings: binding } }),
        };
        const modules = { ImageClassifier: { ...classifier, settings } };
        await call("PUT", `/devices/edge-${index}`, { capabilities: { iotEdge: true } });
        await call("POST", `/devices/edge-${index}/applyConfigurationContent`, {
            modulesContent: {
                $edgeAgent: { "properties.desired": { ...agent, modules } },
                $edgeHub: { "properties.desired": edgeHub },
            },
        });
    }
}

interface Desired {
    modules: { ImageClassifier: { settings: { image: string } } };
}

/** The desired properties of a twin, without what the hub adds. */
function desiredOf(twin: { properties: { desired: Record<string, unknown> } }): Desired {
    const { $metadata, $version, ...desired } = twin.properties.desired;
    return desired as unknown as Desired;
}

/** Calls of the hub that are repeated while it says that they are too many. */
function hubCalls(connectionString: string, ca: string) {
    const [, host = "", policy = "", key = ""] =
        /^HostName=(.*?);SharedAccessKeyName=(.*?);SharedAccessKey=(.*)$/.exec(connectionString) ?? [];
    const expiresAt = new Date(Date.now() + 3_600_000);
    const headers = {
        Authorization: signSas({ resource: host, key, policy, expiresAt }),
        "Content-Type": "application/json",
    };
    // biome-ignore lint/suspicious/noExplicitAny: answers of several kinds, each looked into by who asked.
    return async (method: string, path: string, body?: unknown): Promise<any> => {
        const url = `https://${host}${path}?api-version=2021-04-12`;
        for (;;) {
            const outgoing = request(url, { method, headers, ca });
            outgoing.end(body === undefined ? undefined : JSON.stringify(body));
            const [response] = (await once(outgoing, "response")) as [IncomingMessage];
            const answer = await text(response);
            if (response.statusCode === 429) {
                await sleep(1000);
                continue;
            }
            if ((response.statusCode ?? 0) >= 300) {
                throw new Error(
                    `Expected the hub to answer ${method} ${path}, it said ${response.statusCode}: ${answer}`,
                );
            }
            return answer === "" ? undefined : JSON.parse(answer);
        }
    };
}

async function countAnswering({ devices }: LocalStatus): Promise<number> {
    const urls = devices.flatMap(({ modules }) => modules.flatMap(({ url }) => url ?? []));
    const answers = await Promise.allSettled(urls.map((url) => fetch(`${url}/ready`)));
    return answers.filter((answer) => answer.status === "fulfilled" && answer.value.ok).length;
}
