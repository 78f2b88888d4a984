import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Info } from "../../classifier/src/infoSchema";
import { createLog } from "../../classifier/src/log";
import { readOptions } from "../../classifier/src/readOptions";
import { runService } from "../../classifier/src/service";
import type { Classifiers } from "../../classifier/src/workers/classifiers";
import { defer } from "../../classifier/src/workers/deferred";
import type { PoolState } from "../../classifier/src/workers/pool";
import { createSpareMemory } from "../../classifier/src/workers/spareMemory";
import { usableWorkers } from "../../classifier/src/workers/usableWorkers";
import { until } from "../support/waiting";
import { dial, postHead } from "./support/rawClient";

const CLOUD = "/customvision/v3.1/prediction/p/classify/iterations/i";
const PREDICTIONS = [{ label: "any", probability: 1 }];

/** What workers were asked for, and with what. */
interface Asked {
    task: string;
    input: { image?: Uint8Array; body?: Uint8Array };
    options: { deadlineMs: number; transfer?: readonly ArrayBuffer[] };
}

interface Running {
    url: string;
    port: number;
    asked: Asked[];
    grown: number[];
    logs: Record<string, unknown>[];
    stop: AbortController;
    ended: Promise<void>;
}

const running: Running[] = [];
afterEach(async () => {
    for (const { stop, ended } of running.splice(0)) {
        stop.abort();
        await ended.catch(() => {});
    }
});

/** Runs the service in this process, on workers that are none: `answer` says what they answer. */
async function run(
    environment: Record<string, string>,
    {
        answer = async (task: string): Promise<unknown> =>
            task === "score" ? { dialect: "rows", answer: [1] } : PREDICTIONS,
        models = [] as Info["models"],
        state = {} as Partial<PoolState>,
    } = {},
): Promise<Running> {
    const asked: Asked[] = [];
    const grown: number[] = [];
    const logs: Record<string, unknown>[] = [];
    const listening = defer<number>();
    const log = createLog((line) => {
        const entry = JSON.parse(line);
        logs.push(entry);
        if (entry.event === "listening") {
            listening.resolve(entry.port);
        }
    });
    const classifiers = {
        ready: Promise.resolve({ models }),
        memory: createSpareMemory(),
        grow: (size: number) => grown.push(size),
        run: (task: string, input: Asked["input"], options: Asked["options"]) => {
            asked.push({ task, input, options });
            return answer(task);
        },
        state: () => ({ workers: 1, waiting: 0, running: 0, answered: 0, failed: 0, ...state }),
        close: async () => {},
    } as unknown as Classifiers;
    const stop = new AbortController();
    const options = readOptions({ HOST: "127.0.0.1", PORT: "0", DRAIN_SECONDS: "0.05", ...environment });
    const ended = runService(options, classifiers, stop.signal, log);
    const port = await Promise.race([listening.promise, ended.then(() => 0)]);
    const service = { url: `http://127.0.0.1:${port}`, port, asked, grown, logs, stop, ended };
    running.push(service);
    return service;
}

const post = (url: string, body = "x", headers: Record<string, string> = {}) =>
    fetch(url, { method: "POST", body, headers });
const never = () => new Promise<never>(() => {});

describe("keys of the service", () => {
    const keys = { PREDICTION_KEY: "the-first-key", PREDICTION_KEY_2: "the-second-key" };

    test("are valid both, and no other is", async () => {
        const { url } = await run(keys);
        for (const key of Object.values(keys)) {
            expect((await post(`${url}/image`, "x", { "prediction-key": key })).status).toBe(200);
            expect((await post(`${url}/image`, "x", { authorization: `Bearer ${key}` })).status).toBe(200);
        }
        expect((await post(`${url}/image`)).status).toBe(401);
        expect((await post(`${url}/image`, "x", { "prediction-key": "set" })).status).toBe(401);
    });

    test("are shown nowhere", async () => {
        const { url, logs } = await run({ ...keys, LOG_LEVEL: "debug", CORS_ORIGINS: "*" });
        const shown: string[] = [];
        for (const path of ["/info", "/metrics", "/openapi.json", "/ui", "/", "/health", "/ready", "/none"]) {
            const response = await fetch(url + path);
            shown.push(await response.text(), JSON.stringify([...response.headers]));
        }
        for (const key of [...Object.values(keys), "a-wrong-key"]) {
            for (const path of ["/image", "/score", `${CLOUD}/image`]) {
                const ways: Record<string, string>[] = [
                    { "prediction-key": key },
                    { authorization: `bearer ${key}` },
                ];
                for (const headers of ways) {
                    const response = await post(url + path, "x", headers);
                    shown.push(await response.text(), JSON.stringify([...response.headers]));
                }
            }
        }
        expect(logs.filter(({ event }) => event === "request")).toHaveLength(26);
        expect(shown.join() + JSON.stringify(logs)).not.toMatch(/-key["']?$|the-first|the-second|a-wrong/m);
        expect(JSON.parse(shown[0] ?? "").options).toMatchObject({
            predictionKey: "set",
            secondPredictionKey: "set",
        });
    });
});

describe("an option of the service is followed:", () => {
    test("WORKERS, by default as many as are usable", async () => {
        expect((await run({ WORKERS: "3" })).grown).toEqual([3]);
        expect((await run({})).grown).toEqual([usableWorkers()]);
    });

    test.each<[string, Record<string, string>, number]>([
        ["MAX_REQUESTS", { MAX_REQUESTS: "3", WORKERS: "2" }, 3],
        ["four requests per worker without it", { WORKERS: "2" }, 8],
    ])("%s", async (_name, environment, most) => {
        const { url, asked } = await run(environment, { answer: never });
        const inside = Array.from({ length: most }, () => post(`${url}/image`).catch(() => {}));
        await until("all that may be inside", () => asked.length === most);
        const refused = await post(`${url}/image`);
        expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
        expect(asked).toHaveLength(most);
        void inside;
    });

    test("MAX_REQUEST_BYTES", async () => {
        const { url } = await run({ MAX_REQUEST_BYTES: "10" });
        expect((await post(`${url}/image`, "x".repeat(10))).status).toBe(200);
        expect((await post(`${url}/image`, "x".repeat(11))).status).toBe(503);
    });

    test("MAX_SCORE_BYTES", async () => {
        const { url } = await run({ MAX_SCORE_BYTES: "10" });
        expect((await post(`${url}/score`, "x".repeat(10))).status).toBe(200);
        expect((await post(`${url}/score`, "x".repeat(11))).status).toBe(413);
    });

    test("DEADLINE_SECONDS, for images, for rows, and for the service's own check", async () => {
        const { url, asked } = await run({ DEADLINE_SECONDS: "2.5", SELF_CHECK_SECONDS: "0.01" });
        await post(`${url}/image`);
        await post(`${url}/score`);
        await until("a self-check", () => asked.some(({ task }) => task === "selfCheck"));
        const tasks = new Map(asked.map(({ task, options }) => [task, options.deadlineMs]));
        expect([...tasks].sort()).toEqual([
            ["classify", 2500],
            ["score", 2500],
            ["selfCheck", 2500],
        ]);
    });

    test("ALLOW_PRIVATE_URLS", async () => {
        const web = createServer((_request, response) => response.end("an image"));
        await once(web.listen(0, "127.0.0.1"), "listening");
        const body = JSON.stringify({ url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/` });
        const open = await run({ ALLOW_PRIVATE_URLS: "true" });
        expect((await post(`${open.url}${CLOUD}/url`, body)).status).toBe(200);
        expect(Buffer.from(open.asked[0]?.input.image ?? []).toString()).toBe("an image");
        const guarded = await run({});
        const refused = await post(`${guarded.url}${CLOUD}/url`, body);
        expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("no public")]);
        web.close();
    });

    test.each([
        ["on", 200],
        ["off", 404],
    ])("PAGE=%s", async (PAGE, status) => {
        expect((await fetch(`${(await run({ PAGE })).url}/ui`)).status).toBe(status);
    });

    test("CORS_ORIGINS, none by default", async () => {
        const headers = { origin: "https://a.example" };
        const allowed = async (environment: Record<string, string>) =>
            (await post(`${(await run(environment)).url}/image`, "x", headers)).headers.get(
                "access-control-allow-origin",
            );
        expect(await allowed({ CORS_ORIGINS: "https://b.example, https://a.example" })).toBe(headers.origin);
        expect(await allowed({})).toBeNull();
    });

    test("LOG_LEVEL, which tells of clients where it is debug", async () => {
        const debug = await run({ LOG_LEVEL: "debug" });
        await fetch(`${debug.url}/health`);
        await until("the line of the request", () => debug.logs.some(({ event }) => event === "request"));
        expect(debug.logs.at(-1)).toHaveProperty("client", "127.0.0.1");
        const info = await run({});
        await fetch(`${info.url}/health`);
        await until("the line of the request", () => info.logs.some(({ event }) => event === "request"));
        expect(info.logs.at(-1)).not.toHaveProperty("client");
    });
});

describe("the service", () => {
    test("reads bodies to memory that it hands over to the workers", async () => {
        const { url, asked } = await run({});
        await post(`${url}/image`, "an image");
        await post(`${url}/score`, "rows");
        const [image, rows] = asked;
        expect(Buffer.from(image?.input.image ?? []).toString()).toBe("an image");
        expect(image?.options.transfer).toEqual([image?.input.image?.buffer]);
        // The memory that is used again has room for more than this body.
        expect(image?.options.transfer?.[0]?.byteLength).toBe(64 * 1024);
        expect(Buffer.from(rows?.input.body ?? []).toString()).toBe("rows");
        expect(rows?.options.transfer).toEqual([rows?.input.body?.buffer]);
    });

    test("is not ready while there is no worker", async () => {
        const state = { workers: 0 };
        const { url } = await run({}, { state });
        expect((await fetch(`${url}/ready`)).status).toBe(503);
    });

    test("is not ready any more once it is told to stop, and answers what it let in", async () => {
        const answered = defer<unknown>();
        const service = await run({ DRAIN_SECONDS: "20" }, { answer: () => answered.promise });
        const client = dial(service.port);
        client.send(postHead("/image", 1));
        // The next request has begun, so that the connection is not idle in between.
        client.send("xGET /ready HTTP/1.1\r\n");
        await until("the request inside", () => service.asked.length === 1);
        service.stop.abort();
        client.send("Host: device\r\nConnection: close\r\n\r\n");
        // Longer than so many milliseconds.
        await new Promise((resolve) => setTimeout(resolve, 60));
        answered.resolve(PREDICTIONS);
        const { head, body } = await client.closed;
        expect(head).toMatch(/^HTTP\/1\.1 200/);
        expect(body).toMatch(/HTTP\/1\.1 503[\s\S]*"not ready"/);
        await service.ended;
        expect(service.logs.some(({ event }) => event === "stopped before all was answered")).toBe(false);
    });

    test("ends without those who take longer than it may go on, and says so", async () => {
        const { url, asked, logs, stop, ended } = await run({}, { answer: never });
        const cut = post(`${url}/image`).catch(() => "cut off");
        await until("the request inside", () => asked.length === 1);
        stop.abort();
        await ended;
        expect(await cut).toBe("cut off");
        expect(logs).toContainEqual(
            expect.objectContaining({ level: "warn", event: "stopped before all was answered", workers: 1 }),
        );
    });

    const imageModel = (verdict?: string) => ({
        kind: "image",
        name: "m",
        ...(verdict && { probe: { verdict, spread: 0, message: "" } }),
    });
    test.each([
        ["info", "good", [imageModel("good")]],
        ["info", "not looked at", [imageModel()]],
        ["info", "none of images", [{ kind: "array", name: "t" }]],
        ["warn", "inconclusive", [imageModel("good"), imageModel("inconclusive")]],
        ["warn", "collapsed", [imageModel("collapsed"), imageModel("good")]],
    ])("says at the level %s that it listens where a model is %s", async (level, _name, models) => {
        const { url, port, logs } = await run({ WORKERS: "2" }, { models: models as never });
        expect(logs[0]).toMatchObject({ level, event: "listening", port, workers: 2, models });
        expect(await (await fetch(`${url}/info`)).json()).toMatchObject({
            models,
            options: { workers: 2 },
            service: { node: process.version },
        });
    });

    test("shows at /metrics what its workers and its requests are at", async () => {
        const state = { workers: 3, waiting: 4, running: 5, answered: 9, failed: 2 };
        const { url, asked } = await run({ WORKERS: "1" }, { state, answer: never });
        void post(`${url}/image`, "12345").catch(() => {});
        await until("the request inside", () => asked.length === 1);
        expect((await (await fetch(`${url}/metrics`)).text()).split("\n")).toEqual(
            expect.arrayContaining([
                "classifier_workers_ready 3",
                "classifier_queue_waiting 4",
                "classifier_queue_running 5",
                "classifier_admitted_requests 1",
                "classifier_admitted_bytes 5",
                'classifier_jobs_total{result="done"} 7',
                'classifier_jobs_total{result="failed"} 2',
            ]),
        );
    });
});
