import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { colourModelFolder, pngOf } from "./support/colourModel";
import { type HostileImage, hostileImages } from "./support/hostileImages";
import { multipart } from "./support/multipart";
import { dial, postHead } from "./support/rawClient";
import { type ServiceProcess, startService, stopServices } from "./support/serviceProcess";

const CLOUD = "/customvision/v3.0/Prediction/p/classify/iterations/i";
const SENTENCE = "Error processing image";
const SEED = 20_261_121;
const CONNECTIONS = 16;

describe("whatever is sent to it, the service", () => {
    let service: ServiceProcess;
    let red: Buffer;
    beforeAll(async () => {
        red = await pngOf([255, 0, 0]);
        const limits = { MAX_REQUESTS: "64", DEADLINE_SECONDS: "30" };
        service = await startService({ MODEL_DIR: await colourModelFolder(), WORKERS: "2", ...limits });
    });
    afterEach(async () => {
        const answer = JSON.parse(await (await post("/image", red)).text());
        expect(answer.predictions[0]).toMatchObject({ tagName: "red", probability: 0.98670328 });
        expect(service.logs.filter(({ level }) => level === "error")).toEqual([]);
    });
    afterAll(stopServices);

    const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
        fetch(service.url + path, { method: "POST", body, headers });

    interface Answered {
        name: string;
        status: number;
        type: string | null;
        text: string;
    }

    /** Sends all of them, several at a time, and tells how each was answered. */
    async function sendAll(path: string, images: readonly HostileImage[]): Promise<Answered[]> {
        const waiting = images.values();
        const answers: Answered[] = [];
        const client = async () => {
            for (const { name, bytes } of waiting) {
                const response = await post(path, bytes);
                const type = response.headers.get("content-type");
                answers.push({ name, status: response.status, type, text: await response.text() });
            }
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, client));
        return answers;
    }

    test("answers hundreds of broken, odd and malicious images as images, or as the caller's mistake", async () => {
        // Of every kind some: all of them take a quarter of a minute.
        const images = (await hostileImages(SEED)).filter((_, index) => index % 3 === 0);
        expect(images.length).toBeGreaterThan(330);
        const cloud = await sendAll(`${CLOUD}/image`, images);
        const good = cloud.filter(
            ({ status, text }) => status === 200 && JSON.parse(text).predictions.length === 3,
        );
        const refused = cloud.filter(
            ({ status, text }) => status === 400 && JSON.parse(text).code === "BadRequestImageFormat",
        );
        expect(cloud.filter((answer) => !good.includes(answer) && !refused.includes(answer))).toEqual([]);
        // A generator that makes nothing but rubbish would not come far into the decoders.
        expect(good.length).toBeGreaterThan(30);
        expect(refused.length).toBeGreaterThan(100);

        // The two sets of routes agree about what is an image.
        const some = images.filter((_, index) => index % 5 === 0);
        const namesOfGood = new Set(good.map(({ name }) => name));
        for (const { name, ...answer } of await sendAll("/image", some)) {
            expect({ name, ...answer }).toMatchObject(
                namesOfGood.has(name)
                    ? { name, status: 200, type: "application/json" }
                    : { name, status: 500, type: "text/html; charset=utf-8", text: SENTENCE },
            );
        }
    });

    test("answers broken forms as the caller's mistake", async () => {
        const { body, headers } = multipart({ name: "imageData", fileName: "a.png", content: red });
        const type = headers["content-type"] ?? "";
        const forms: [body: Buffer, type: string][] = [
            ...Array.from({ length: 40 }, (_, index): [Buffer, string] => [
                body.subarray(0, Math.floor((body.length * index) / 40)),
                type,
            ]),
            [body, "multipart/form-data"],
            [body, "multipart/form-data; boundary="],
            [body, `multipart/form-data; boundary=${"x".repeat(10_000)}`],
            [body, "multipart/form-data; boundary=other"],
            [Buffer.from("--xyz\r\n".repeat(100_000)), type],
            [
                Buffer.from(`--xyz\r\nContent-Disposition: form-data; ${"a=b; ".repeat(100_000)}\r\n\r\n`),
                type,
            ],
            [Buffer.from(`--xyz\r\n${"X: y\r\n".repeat(100_000)}\r\n\r\n--xyz--`), type],
            [
                Buffer.from('--xyz\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nx\r\n--xyz--'),
                type,
            ],
        ];
        for (const [form, contentType] of forms) {
            const response = await post(`${CLOUD}/image`, form, { "content-type": contentType });
            expect([response.status, await response.json()]).toEqual([
                400,
                { code: expect.stringMatching(/^BadRequestImage/), message: expect.any(String) },
            ]);
        }
    });

    test.each([
        ["a request line that is none", "HELO\r\n\r\n", 400],
        ["a head of 100 KB", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`, 431],
        ["two lengths", postHead("/image", 1, "Content-Length: 2"), 400],
        ["a length and chunks", postHead("/image", 5, "Transfer-Encoding: chunked"), 400],
        ["a negative length", postHead("/image", -1), 400],
        [
            "a length and chunks behind lines of LF alone",
            "POST /image HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n",
            400,
        ],
        [
            "a coding that goes on until the end",
            "POST /image HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            400,
        ],
        [
            "a path of the cloud service that cannot be decoded",
            `POST ${CLOUD}/%E0%A4%A/image HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
            400,
        ],
    ])("closes a connection with %s", async (_name, text, status) => {
        const client = dial(service.port);
        client.send(text);
        expect(await client.closed).toMatchObject({ status });
    });

    test("gets over chunks that are none", async () => {
        const client = dial(service.port);
        client.send(
            "POST /image HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n",
        );
        expect((await client.closed).closed).toBe(true);
    });

    describe("asked for an address", () => {
        let web: Server;
        let asked = 0;
        beforeAll(async () => {
            web = createServer((_request, response) => {
                asked++;
                response.end(red);
            }).listen(0, "127.0.0.1");
            await once(web, "listening");
        });
        afterAll(() => web.close());
        const body = (host: string) =>
            JSON.stringify({ url: `http://${host}:${(web.address() as AddressInfo).port}/` });

        test.each(["127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]", "0"])(
            "of its own machine asks for nothing: %s",
            async (host) => {
                const cloud = await post(`${CLOUD}/url`, body(host));
                expect([cloud.status, await cloud.json()]).toEqual([
                    400,
                    { code: "BadRequestImageUrl", message: expect.stringContaining("is no public address") },
                ]);
                const container = await post("/url", body(host));
                expect([container.status, await container.text()]).toEqual([200, SENTENCE]);
                expect(asked).toBe(0);
            },
        );

        test.each([
            "",
            "{",
            "[]",
            "null",
            '"http://x/"',
            '{"url":null}',
            '{"url":["http://x/"]}',
            '{"url":"http://"}',
            "{".repeat(100_000),
        ])("that is none, says so (%#)", async (text) => {
            const response = await post(`${CLOUD}/url`, text);
            expect([response.status, await response.json()]).toEqual([
                400,
                { code: "BadRequestImageUrl", message: expect.any(String) },
            ]);
        });
    });
});
