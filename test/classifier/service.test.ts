import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type RequestListener, request } from "node:http";
import { Agent, get } from "node:https";
import type { AddressInfo } from "node:net";
import { createSelfSigned } from "./support/certificate";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { finish, startProgram, startService, stopServices } from "./support/serviceProcess";

describe("the service as a process", () => {
    let MODEL_DIR: string;
    // A test that fails half-way leaves its service running.
    afterEach(stopServices);
    beforeAll(async () => {
        MODEL_DIR = await colourModelFolder({ "model.yaml": "name: colours\nversion: 1.0.0\n" });
    });

    test("says on one line what it serves and what the probe found, and keeps nothing of it", async () => {
        const home = await folderOf({});
        const service = await startService({ MODEL_DIR, HOME: home, TMPDIR: home });
        expect(service.startLine).toMatchObject({
            level: "info",
            models: [
                {
                    name: "colours",
                    version: "1.0.0",
                    labels: ["red", "green", "blue"],
                    probe: { verdict: "good" },
                },
            ],
        });
        const info = await (await fetch(`http://127.0.0.1:${service.port}/info`)).json();
        expect(info).toMatchObject({ models: service.startLine.models, options: { modelDir: MODEL_DIR } });
        service.process.kill("SIGTERM");
        expect((await finish(service.process)).code).toBe(0);
        // onnxruntime's telemetry would begin with an identifier of the device, a queue of events and a log.
        expect(readdirSync(home)).toEqual([]);
    });

    test("warns on that line if it was told to start with a model that the probe finds fault with", async () => {
        const wrong = await colourModelFolder({ "model.yaml": "preprocessing: { range: [0, 0.01] }" });
        const { process, startLine } = await startService({ MODEL_DIR: wrong, PROBE: "warn" });
        expect(startLine).toMatchObject({ level: "warn", models: [{ probe: { verdict: "collapsed" } }] });
        // Who started it by hand ends it by hand.
        process.kill("SIGINT");
        expect((await finish(process)).code).toBe(0);
    });

    test("answers on SIGTERM what it has accepted, takes nothing new, and ends with 0", async () => {
        const service = await startService({ MODEL_DIR });
        const image = await pngOf([255, 0, 0]);
        const posting = request({
            port: service.port,
            path: "/image",
            method: "POST",
            headers: { "content-length": image.length, expect: "100-continue" },
        });
        const answered = once(posting, "response");
        await once(posting, "continue");
        posting.write(image.subarray(0, 20));
        service.process.kill("SIGTERM");
        await expect(untilRefused(service.port)).resolves.toBeUndefined();
        posting.end(image.subarray(20));
        const [response] = await answered;
        expect(response.statusCode).toBe(200);
        response.resume();
        expect((await finish(service.process)).code).toBe(0);
    });

    test("reports all bad options at once and ends with 1", async () => {
        const { code, output } = await finish(
            startProgram("main", {
                PORT: "eighty",
                PROBE: "maybe",
                MAX_PIXELS: "0",
                CORS_ORIGINS: "example.org",
                TLS_KEY_FILE: "key.pem",
                PREDICTION_KEY_2: "a-secret",
                MODEL_DIR,
            }),
        );
        expect(code).toBe(1);
        for (const name of [
            "PORT=eighty instead of a whole number from 0 to 65535",
            "PROBE=maybe instead of stop, warn or off",
            "MAX_PIXELS=0 instead of a whole number of at least 1",
            "CORS_ORIGINS=example.org instead of * or origins",
            "TLS_CERT_FILE",
            "PREDICTION_KEY_2 without",
        ]) {
            expect(output).toContain(name);
        }
        expect(output).not.toContain("a-secret");
        expect(output).not.toContain("    at ");
    });

    test("speaks HTTPS with a certificate and key, which its health check follows", async () => {
        const { cert, key } = await createSelfSigned("localhost");
        const folder = await folderOf({ "cert.pem": cert, "key.pem": key });
        const tls = { TLS_CERT_FILE: `${folder}/cert.pem`, TLS_KEY_FILE: `${folder}/key.pem` };
        const service = await startService({ MODEL_DIR, ...tls });
        const agent = new Agent({ ca: cert });
        const [response] = await once(
            get({ host: "localhost", port: service.port, path: "/", agent, family: 4 }),
            "response",
        );
        expect(response.statusCode).toBe(200);
        response.resume();
        const checks = { HOST: "127.0.0.1", PORT: String(service.port) };
        expect((await finish(startProgram("healthCheck", { ...checks, ...tls }))).code).toBe(0);
        agent.destroy();
        service.process.kill("SIGTERM");
        await finish(service.process);
        expect((await finish(startProgram("healthCheck", { ...checks, ...tls }))).code).toBe(1);
    });

    test("is healthy by its check where it answers 200, and neither where it answers else nor where it hangs", async () => {
        const answers: Record<string, RequestListener> = {
            "200": (_request, response) => response.end(),
            "503": (_request, response) => response.writeHead(503).end(),
            hangs: () => {},
        };
        const paths: (string | undefined)[] = [];
        const checked = Object.values(answers).map(async (answer) => {
            const other = createServer((request, response) => {
                paths.push(request.url);
                answer(request, response);
            }).listen(0);
            await once(other, "listening");
            const { port } = other.address() as AddressInfo;
            // Listening anywhere, it is asked at this machine.
            const { code } = await finish(
                startProgram("healthCheck", { HOST: "0.0.0.0", PORT: String(port) }),
            );
            other.close();
            return code;
        });
        expect(await Promise.all(checked)).toEqual([0, 1, 1]);
        expect(paths).toEqual(["/health", "/health", "/health"]);
    });
});

/** Waits until nothing listens any more; gives up after ten seconds, so that a service that goes on is noticed. */
async function untilRefused(port: number): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) {
        try {
            await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: "close" } });
        } catch {
            return;
        }
    }
    throw new Error(`Expected port ${port} to be closed, found it open.`);
}
