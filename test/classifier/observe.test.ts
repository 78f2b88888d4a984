import { request } from "node:http";
import { RequestError } from "../../classifier/src/errors";
import { createAdmission } from "../../classifier/src/http/admission";
import { createLog } from "../../classifier/src/log";
import { createMetrics, type Load } from "../../classifier/src/metrics";
import { until } from "../support/waiting";
import { colourModelFolder, pngOf } from "./support/colourModel";
import { serveModels } from "./support/modelService";
import { serve, type TestService } from "./support/service";
import { startService, stopServices } from "./support/serviceProcess";
import { linearClassifier, tableModelFolder } from "./support/tableModel";

const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe("the log", () => {
    let service: TestService;
    let image: Buffer;
    beforeAll(async () => {
        image = await pngOf([0, 255, 0]);
        service = await serveModels(await colourModelFolder(), { keys: ["the-key"] });
    });
    afterAll(() => service.close());
    beforeEach(() => service.logs.splice(0));
    const post = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
        fetch(service.url + path, {
            method: "POST",
            body,
            headers: { "prediction-key": "the-key", ...headers },
        });

    test("has one line for a request, with what it was about", async () => {
        await post("/image?sig=query-secret", image, { "x-request-id": "mine" });
        expect(service.logs).toEqual([
            {
                level: "info",
                event: "request",
                method: "POST",
                path: "/image",
                status: 200,
                ms: expect.any(Number),
                bytes: image.length,
                topLabel: "green",
                requestId: "mine",
            },
        ]);
    });

    test("has the same line for a request that was refused, and says why", async () => {
        await post("/customvision/v3.1/prediction/p/classify/iterations/i/image", "nonsense");
        expect(service.logs).toEqual([
            expect.objectContaining({
                event: "request",
                status: 400,
                code: "BadRequestImageFormat",
                requestId: UUID,
            }),
        ]);
    });

    test("never holds contents, keys or query strings", async () => {
        await post("/image", image, { "prediction-key": "wrong-key" });
        await post(
            "/url?code=query-secret",
            JSON.stringify({ url: "http://me:password@127.0.0.1:1/a?sig=url-secret" }),
        );
        await post("/url", JSON.stringify({ url: "no-address?sig=url-secret" }));
        await post("/score", JSON.stringify({ url: "http://127.0.0.1:1/a?sig=url-secret" }));
        await post("/score", JSON.stringify({ data: [["row-secret"]], "key-of-5": 1 }));
        await post("/url", JSON.stringify({ url: "ftp://127.0.0.1/a?sig=url-secret" }));
        await post("/score", JSON.stringify([{ image_in_base64: image.toString("base64") }]));
        await post("/score?data=query-secret", JSON.stringify({ data: [[image.toString("base64")]] }));
        await post("/customvision/v3.1/prediction/none?sig=query-secret", "x");
        await fetch(`${service.url}/score?data=query-secret`, { headers: { "prediction-key": "the-key" } });
        const text = JSON.stringify(service.logs);
        expect(service.logs.length).toBe(10);
        expect(text).not.toMatch(/the-key|wrong-key|secret|password/);
        expect(text).not.toContain(image.toString("base64").slice(0, 20));
        expect(text).not.toContain(image.toString("latin1").slice(0, 8));
    });

    test.each<[string, Record<string, string>, unknown]>([
        ["its own name", { "x-request-id": "a:/+=-._b1" }, "a:/+=-._b1"],
        ["100 characters", { "x-request-id": "a".repeat(100) }, "a".repeat(100)],
        ["the new name", { "x-ms-client-request-id": "client" }, "client"],
        ["the old name", { "x-ms-request-id": "old" }, "old"],
        [
            "all names",
            { "x-ms-request-id": "old", "x-ms-client-request-id": "client", "x-request-id": "own" },
            "own",
        ],
        ["both of Azure's names", { "x-ms-request-id": "old", "x-ms-client-request-id": "client" }, "client"],
        ["none", {}, UUID],
        ["a blank in it", { "x-request-id": "a b" }, UUID],
        ["a quote at its end", { "x-request-id": 'a"' }, UUID],
        ["101 characters", { "x-request-id": "a".repeat(101) }, UUID],
    ])("names a request as the caller does, if it can: %s", async (_name, headers, requestId) => {
        await post("/image", image, headers);
        expect(service.logs).toMatchObject([{ requestId }]);
    });

    test("tells about the client only where lines may be long", async () => {
        const debug = await serve({ debugging: () => true });
        for (const { url } of [debug, service]) {
            const headers = {
                "user-agent": "a test",
                "content-type": "image/x",
                "prediction-key": "the-key",
            };
            await fetch(`${url}/image`, { method: "POST", body: image, headers });
        }
        expect(debug.logs).toEqual([
            expect.objectContaining({
                client: "127.0.0.1",
                userAgent: "a test",
                contentType: "image/x",
                httpVersion: "1.1",
            }),
        ]);
        for (const key of ["client", "userAgent", "contentType", "httpVersion"]) {
            expect(service.logs[0]).not.toHaveProperty(key);
        }
        await debug.close();
    });

    test("has the bytes of a body that came in chunks, and of one that was not read what was said of it", async () => {
        const chunked = request(`${service.url}/image`, {
            method: "POST",
            headers: { "prediction-key": "the-key" },
        });
        chunked.write(image.subarray(0, 5));
        chunked.end(image.subarray(5));
        await new Promise((resolve) =>
            chunked.once("response", (response) => response.resume().once("end", resolve)),
        );
        await post("/none", "123");
        expect(service.logs.map(({ bytes }) => bytes)).toEqual([image.length, 3]);
    });

    test("and the metrics agree about how a request went, in their own units", async () => {
        const counted: [object, number][] = [];
        const both = await serve({
            metrics: { ...createMetrics(() => ({}) as Load), request: (...one) => void counted.push(one) },
        });
        await fetch(`${both.url}/health`);
        const [[labels, seconds = 0] = []] = counted;
        expect(counted).toHaveLength(1);
        expect(labels).toEqual({ method: "GET", route: "/health", status: 200 });
        expect(both.logs[0]?.ms).toBe(Math.round(seconds * 10_000) / 10);
        await both.close();
    });

    test("counts rows and images of /score", async () => {
        const list = [{ image_in_base64: image.toString("base64") }, {}];
        await post("/score", JSON.stringify(list));
        expect(service.logs).toContainEqual(expect.objectContaining({ images: 2, failed: 1 }));
        const table = await serveModels(await tableModelFolder(linearClassifier()));
        await fetch(`${table.url}/score`, { method: "POST", body: '{"data": [[1,0,0,0],[0,1,0,0]]}' });
        expect(table.logs).toContainEqual(expect.objectContaining({ path: "/score", rows: 2 }));
        await table.close();
    });

    test("has a line for a client that left", async () => {
        const counted: object[] = [];
        const both = await serve({
            metrics: { ...createMetrics(() => ({}) as Load), request: (labels) => void counted.push(labels) },
            admission: {
                ...createAdmission({ maxRequests: 1, maxBytes: 10_000_000 }),
                enter: () => {
                    // The request is there, and waits for more of its body.
                    setImmediate(() => leaving.destroy());
                    return { whileWaiting: (arrival) => arrival, leave: () => {} };
                },
            },
        });
        const leaving = request(`${both.url}/image`, { method: "POST" });
        leaving.on("error", () => {}); // It is the client itself that ends the connection.
        leaving.write("x");
        while (both.logs.length === 0) {
            await new Promise(setImmediate);
        }
        expect(both.logs).toMatchObject([{ event: "request", status: 499, code: "ClientClosedRequest" }]);
        expect(counted).toEqual([{ method: "POST", route: "/image", status: 499 }]);
        await both.close();
    });
});

describe("levels", () => {
    const written = (act: (log: ReturnType<typeof createLog>) => void) => {
        const lines: string[] = [];
        const log = createLog((line) => lines.push(line));
        act(log);
        return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };

    test("below the chosen one are not written", () => {
        const lines = written((log) => {
            log.write({ level: "debug", event: "a" });
            log.write({ event: "b" });
            log.setLevel("warn");
            log.write({ event: "c" });
            log.write({ level: "error", event: "d" });
        });
        expect(lines).toEqual([
            { time: expect.any(String), level: "info", event: "b" },
            { time: expect.any(String), level: "error", event: "d" },
        ]);
    });

    test("can be turned to debug and back, which is said", () => {
        const lines = written((log) => {
            log.setLevel("error");
            log.toggleDebug();
            log.write({ level: "debug", event: "seen" });
            log.toggleDebug();
            log.write({ level: "debug", event: "unseen" });
        });
        expect(lines).toMatchObject([{ event: "log level", now: "debug" }, { event: "seen" }]);
    });
});

describe("metrics", () => {
    test("count requests by route and status, whatever their paths, and measure how long they take", async () => {
        const service = await serve({
            classifyFor: async (image) => {
                if (image.length === 1) {
                    throw new RequestError(503, "ServiceUnavailable", "Busy.");
                }
                return [{ label: "a", probability: 1 }];
            },
        });
        const post = (path: string, body: string) => fetch(service.url + path, { method: "POST", body });
        await post("/image", "ok");
        await post("/project-1/image", "ok");
        await post("/project-2/classify/iterations/i/image/nostore", "x");
        await post("/CustomVision/v3.1/Prediction/p/classify/iterations/i/image", "ok");
        await Promise.all(["a", "b", "c"].map((name) => fetch(`${service.url}/${name}`)));
        const response = await fetch(`${service.url}/metrics`);
        expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
        const text = await response.text();
        const cloud = "/customvision/v3.1/prediction/:project/classify/iterations/:publishedName/image";
        expect(text.split("\n")).toEqual(
            expect.arrayContaining([
                'classifier_requests_total{method="POST",route="/image",status="200"} 2',
                'classifier_requests_total{method="POST",route="/image",status="503"} 1',
                `classifier_requests_total{method="POST",route="${cloud}",status="200"} 1`,
                'classifier_requests_total{method="GET",route="none",status="404"} 3',
                'classifier_refused_requests_total{route="/image"} 1',
                'classifier_request_duration_seconds_count{route="/image"} 3',
            ]),
        );
        expect(text).not.toContain("project-1");
        expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
        await service.close();
    });

    test("show how much there is to do, and what was done, at the time they are asked for", async () => {
        const load = { workers: 2, waiting: 3, running: 1, answered: 10, failed: 4, requests: 5, bytes: 600 };
        const metrics = createMetrics(() => load);
        await metrics.text();
        Object.assign(load, { answered: 11, waiting: 0 });
        expect((await metrics.text()).split("\n")).toEqual(
            expect.arrayContaining([
                "classifier_workers_ready 2",
                "classifier_queue_waiting 0",
                "classifier_queue_running 1",
                "classifier_admitted_requests 5",
                "classifier_admitted_bytes 600",
                'classifier_jobs_total{result="done"} 7',
                'classifier_jobs_total{result="failed"} 4',
            ]),
        );
    });
});

describe("the service as a process", () => {
    afterEach(stopServices);

    test("tells more of each request after SIGUSR2, until the next one", async () => {
        const service = await startService({ MODEL_DIR: await colourModelFolder(), WORKERS: "1" });
        const lineOf = async (path: string) => {
            await fetch(service.url + path, { headers: { "user-agent": "a test" } });
            await until(`the line of ${path}`, () => service.logs.some((line) => line.path === path));
            return service.logs.find((line) => line.path === path);
        };
        expect(await lineOf("/before")).not.toHaveProperty("userAgent");
        service.process.kill("SIGUSR2");
        await until("the level debug", () => service.logs.some(({ now }) => now === "debug"));
        expect(await lineOf("/during")).toMatchObject({ userAgent: "a test", client: "127.0.0.1" });
        service.process.kill("SIGUSR2");
        await until("the level info", () => service.logs.some(({ now }) => now === "info"));
        expect(await lineOf("/after")).not.toHaveProperty("userAgent");
    });

    test("counts what its workers did", async () => {
        const { url } = await startService({ MODEL_DIR: await colourModelFolder(), WORKERS: "1" });
        for (const body of [await pngOf([1, 2, 3]), "nonsense"]) {
            await fetch(`${url}/image`, { method: "POST", body });
        }
        const text = await (await fetch(`${url}/metrics`)).text();
        expect(text).toMatch(/^classifier_workers_ready 1$/m);
        expect(text).toMatch(/^classifier_jobs_total\{result="done"\} 2$/m);
        expect(text).toMatch(/^classifier_jobs_total\{result="failed"\} 0$/m);
    });
});
