import { createMetrics, type Load } from "../../classifier/src/metrics";
import { serve, type TestService } from "./support/service";

const PATHS = [
    "/image",
    "/url",
    "/p/image",
    "/p/url/nostore",
    "/p/classify/iterations/i/image/nostore",
    "/p/detect/iterations/i/url",
];
const CLOUD_PATH = "/customvision/v3.1/prediction/p/classify/iterations/i/image";
const CLOUD_PATHS = [
    CLOUD_PATH,
    "/customvision/v3.0/prediction/p/classify/iterations/i/image/nostore",
    "/customvision/v3.0/prediction/p/classify/iterations/i/url",
    "/customvision/v3.1/prediction/p/classify/iterations/i/url/nostore",
    "/customvision/v3.1/prediction/p/detect/iterations/i/image",
];

describe("keys", () => {
    let service: TestService;
    let classified = 0;
    let scored = 0;
    beforeAll(async () => {
        service = await serve({
            keys: ["first key", "second-key"],
            classifyFor: async () => {
                classified++;
                return [{ label: "any", probability: 1 }];
            },
            scoreFor: async () => {
                scored++;
                return { dialect: "rows", answer: [0] };
            },
        });
    });
    afterAll(() => service.close());
    const post = (path: string, headers: Record<string, string>) =>
        fetch(service.url + path, { method: "POST", body: "x", headers });

    test.each([...PATHS, ...CLOUD_PATHS, "/score", "/p/score"])("are required on %s", async (path) => {
        const wrong: [Record<string, string>, "another" | "none"][] = [
            [{}, "none"],
            [{ "prediction-key": "" }, "none"],
            [{ "prediction-key": "first" }, "another"],
            [{ "prediction-key": "first keys" }, "another"],
            [{ "prediction-key": "FIRST KEY" }, "another"],
            [{ "prediction-key": "first key, second-key" }, "another"],
            [{ authorization: "Bearer wrong" }, "another"],
            [{ authorization: "Bearer second-key x" }, "none"],
            [{ authorization: "Bearer second-keys" }, "another"],
            [{ authorization: "Bearer" }, "none"],
            [{ authorization: "Bearersecond-key" }, "none"],
            [{ authorization: "second-key" }, "none"],
            [{ authorization: "Basic second-key" }, "none"],
            [{ authorization: "x Bearer second-key" }, "none"],
            [{ "x-prediction-key": "second-key" }, "none"],
        ];
        for (const [headers, found] of wrong) {
            const response = await post(`${path}?prediction-key=second-key`, headers);
            expect([headers, response.status, response.headers.get("www-authenticate")]).toEqual([
                headers,
                401,
                "Bearer",
            ]);
            const { code = "Unauthorized", message } = (await response.json()) as Record<string, string>;
            expect([code, message]).toEqual([
                "Unauthorized",
                `Expected one of the service's keys in Prediction-Key or Authorization: Bearer, got ${found}.`,
            ]);
        }
        expect([classified, scored]).toEqual([0, 0]);
    });

    test("are required of rows in a query too", async () => {
        expect((await fetch(`${service.url}/score?data=[1]`)).status).toBe(401);
        expect(scored).toBe(0);
        const headers = { "prediction-key": "second-key" };
        expect((await fetch(`${service.url}/score?data=[1]`, { headers })).status).toBe(200);
    });

    test.each<Record<string, string>>([
        { "prediction-key": "first key" },
        { "Prediction-Key": "second-key" },
        { "PREDICTION-KEY": "second-key" },
        { authorization: "Bearer second-key" },
        { authorization: "bearer second-key" },
        { AUTHORIZATION: "BEARER   second-key" },
    ])("let pass %j", async (headers) => {
        expect((await post("/image", headers)).status).toBe(200);
        expect((await post("/score", headers)).status).toBe(200);
        expect((await post(CLOUD_PATH, headers)).status).toBe(200);
    });

    test("are not asked for where nothing is scored, and never named in the log", async () => {
        for (const path of ["/", "/health", "/ready", "/info", "/metrics", "/openapi.json", "/ui"]) {
            expect((await fetch(service.url + path)).status).toBe(200);
        }
        await post("/image", { "prediction-key": "a wrong key" });
        expect(JSON.stringify(service.logs)).not.toMatch(/wrong key|first key|second-key/);
    });

    test("that a client sends are ignored where none are configured", async () => {
        const open = await serve({});
        const response = await fetch(`${open.url}/image`, {
            method: "POST",
            body: "x",
            headers: { "prediction-key": "from the cloud", authorization: "Bearer any" },
        });
        expect(response.status).toBe(200);
        await open.close();
    });
});

describe("other origins", () => {
    const preflight = (url: string, origin: string) =>
        fetch(`${url}/image`, {
            method: "OPTIONS",
            headers: {
                origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "prediction-key,content-type",
            },
        });

    test("are told nothing unless configured", async () => {
        const service = await serve({});
        const response = await preflight(service.url, "https://a.example");
        expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
        await service.close();
    });

    test("may call if they are configured, and only they, also where a key is required", async () => {
        const service = await serve({
            corsOrigins: ["https://a.example", "https://b.example"],
            keys: ["key"],
        });
        const allowed = await preflight(service.url, "https://b.example");
        expect(allowed.status).toBe(204);
        expect(allowed.headers.get("access-control-allow-origin")).toBe("https://b.example");
        expect(allowed.headers.get("access-control-allow-headers")).toBe("prediction-key,content-type");
        expect(allowed.headers.get("access-control-allow-methods")).toBe("GET,POST");
        const other = await preflight(service.url, "https://evil.example");
        expect(other.headers.get("access-control-allow-origin")).toBeNull();
        await service.close();
    });

    test.each([
        [["*"], "*"],
        [["https://a.example", "*"], "*"],
        [["https://a.example"], "https://a.example"],
    ])("of %j get %s with every answer, refusals too", async (corsOrigins, expected) => {
        const service = await serve({ corsOrigins, keys: ["key"] });
        for (const path of ["/image", CLOUD_PATH, "/score", "/info", "/none"]) {
            const method = path === "/info" ? "GET" : "POST";
            const headers = { origin: "https://a.example" };
            const { headers: given } = await fetch(service.url + path, { method, headers });
            expect([path, given.get("access-control-allow-origin")]).toEqual([path, expected]);
        }
        await service.close();
    });
});

describe("the operator's routes", () => {
    test("tell readiness apart from being alive", async () => {
        let ready = false;
        const service = await serve({ isReady: () => ready });
        const ask = async (path: string) => {
            const response = await fetch(service.url + path);
            return [response.status, await response.json()];
        };
        expect(await ask("/ready")).toEqual([503, { status: "not ready" }]);
        expect(await ask("/health")).toEqual([200, { status: "alive" }]);
        ready = true;
        expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
        await service.close();
    });

    test("say nothing of what the service is built with, and answer a failure of their own with 500", async () => {
        const metrics = {
            ...createMetrics(() => ({}) as Load),
            text: () => Promise.reject(new Error("secret")),
        };
        const service = await serve({ metrics });
        const response = await fetch(`${service.url}/metrics`);
        expect([response.status, await response.json()]).toEqual([
            500,
            { code: "ErrorUnknown", message: "The request could not be handled." },
        ]);
        expect(service.logs[0]).toMatchObject({ level: "error", event: "request failed" });
        for (const path of ["/", "/health", "/info", "/ui", "/none"]) {
            const { headers } = await fetch(service.url + path);
            expect([path, headers.get("x-powered-by"), headers.get("etag")]).toEqual([path, null, null]);
        }
        await service.close();
    });
});
