import { serve, type TestService } from "./support/service";

const PATHS = ["/image", "/url", "/p/classify/iterations/i/image/nostore"];
const CLOUD_PATH = "/customvision/v3.1/prediction/p/classify/iterations/i/image";

describe("keys", () => {
    let service: TestService;
    beforeAll(async () => {
        service = await serve({ keys: ["first key", "second-key"] });
    });
    afterAll(() => service.close());
    const post = (path: string, headers: Record<string, string>) =>
        fetch(service.url + path, { method: "POST", body: "x", headers });

    test.each([...PATHS, CLOUD_PATH])("are required on %s", async (path) => {
        const wrong: Record<string, string>[] = [
            {},
            { "prediction-key": "" },
            { "prediction-key": "first" },
            { authorization: "Bearer wrong" },
            { authorization: "Basic second-key" },
        ];
        for (const headers of wrong) {
            const response = await post(path, headers);
            expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
            expect(await response.json()).toMatchObject({ code: "Unauthorized" });
        }
    });

    test.each<Record<string, string>>([
        { "prediction-key": "first key" },
        { "Prediction-Key": "second-key" },
        { authorization: "Bearer second-key" },
    ])("let pass %j", async (headers) => {
        expect((await post("/image", headers)).status).toBe(200);
        expect((await post(CLOUD_PATH, headers)).status).toBe(200);
    });

    test("are not asked for where nothing is scored, and never named in the log", async () => {
        for (const path of ["/", "/health", "/ready", "/info"]) {
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
        const other = await preflight(service.url, "https://evil.example");
        expect(other.headers.get("access-control-allow-origin")).toBeNull();
        await service.close();
    });
});

describe("the operator's routes", () => {
    test("tell readiness apart from being alive", async () => {
        let ready = false;
        const service = await serve({ isReady: () => ready });
        expect((await fetch(`${service.url}/ready`)).status).toBe(503);
        expect((await fetch(`${service.url}/health`)).status).toBe(200);
        ready = true;
        expect((await fetch(`${service.url}/ready`)).status).toBe(200);
        await service.close();
    });
});
