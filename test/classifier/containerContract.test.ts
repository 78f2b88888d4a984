import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RequestError, WRONG_MODEL } from "../../classifier/src/errors";
import { containerAnswer } from "../../classifier/src/http/containerAnswer";
import type { Prediction } from "../../classifier/src/predictions";
import { multipart } from "./support/multipart";
import { serve, type TestService } from "./support/service";

const IMAGE = Buffer.from([0xff, 0xd8, 0x00, 0x0a, 0x0d, 0xff, 0xfe, 0x80]);
const OCTETS = { "content-type": "application/octet-stream" };
const PREDICTIONS: Prediction[] = [
    { label: "ripe", probability: 0.568412351 },
    { label: "unreif, grün", probability: 0.00001234 },
    { label: "High(&gt;10)", probability: 0 },
    { label: 'a "quote"', probability: 1 },
    { label: "tiny", probability: 0.000000012 },
];
// Flask's jsonify and Python's repr of a float write the numbers in this way.
const GOLDEN =
    '{"created":"CREATED","id":"","iteration":"","predictions":[' +
    '{"boundingBox":null,"probability":0.56841235,"tagId":"","tagName":"ripe"},' +
    '{"boundingBox":null,"probability":1.234e-05,"tagId":"","tagName":"unreif, gr\\u00fcn"},' +
    '{"boundingBox":null,"probability":0.0,"tagId":"","tagName":"High(&gt;10)"},' +
    '{"boundingBox":null,"probability":1.0,"tagId":"","tagName":"a \\"quote\\""},' +
    '{"boundingBox":null,"probability":1e-08,"tagId":"","tagName":"tiny"}' +
    '],"project":""}\n';
const ERROR = "Error processing image";

describe("the exported container's contract", () => {
    let service: TestService;
    let received: { image: Buffer; names: (string | undefined)[] }[];

    beforeAll(async () => {
        service = await serve({
            classifyFor: async (image, names) => {
                received.push({ image: Buffer.from(image), names });
                if (image.length === 0 || image.toString().startsWith("/")) {
                    throw new Error("no image");
                }
                const [status, code] = image.toString().split(" ");
                if (code) {
                    throw new RequestError(Number(status), code, "A sentence.");
                }
                return PREDICTIONS;
            },
        });
    });
    beforeEach(() => {
        received = [];
    });
    afterAll(() => service.close());

    const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
        fetch(service.url + path, { method: "POST", body, headers });

    test("GET / answers the text that the container is known by", async () => {
        const response = await fetch(service.url);
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
        expect(await response.text()).toBe("CustomVision.ai model host harness");
    });

    test("an answer has the container's bytes and content type", async () => {
        const response = await post("/image", IMAGE, OCTETS);
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toBe("application/json");
        const text = await response.text();
        const created = /"created":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})"/.exec(text)?.[1] ?? "none";
        expect(text.replace(created, "CREATED")).toBe(GOLDEN);
        expect(Math.abs(Date.parse(`${created}Z`) - Date.now())).toBeLessThan(60_000);
    });

    const prefixes = ["/p", "/p/classify/iterations/It%201", "/p/detect/iterations/It%201"];
    test.each(["", ...prefixes, ...prefixes.map((prefix) => `${prefix}|/nostore`)])(
        "answers image and url under %s",
        async (prefix) => {
            const [before, after = ""] = prefix.split("|");
            expect((await post(`${before}/image${after}`, IMAGE, OCTETS)).status).toBe(200);
            expect(received[0]?.image).toEqual(IMAGE);
            expect(received[0]?.names.filter(Boolean)).toEqual(
                before === "" ? [] : before === "/p" ? ["p"] : ["It 1", "p"],
            );
            const response = await post(`${before}/url${after}`, '{"url":"ftp://example.org/a.png"}');
            expect([response.status, await response.text()]).toEqual([200, ERROR]);
        },
    );

    test.each(["/image/", "/image/nostore", "/classify/iterations/i/image", "/p/classify/image", "/IMAGE"])(
        "has no route %s",
        async (path) => {
            const response = await post(path, IMAGE, OCTETS);
            expect(response.status).toBe(404);
            expect(await response.text()).toBe(
                "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n" +
                    "<p>The requested URL was not found on the server. If you entered the URL manually please check " +
                    "your spelling and try again.</p>\n",
            );
        },
    );

    test("another method than POST is refused and told which one is allowed", async () => {
        const response = await fetch(`${service.url}/p/image`);
        expect([response.status, response.headers.get("allow")]).toEqual([405, "OPTIONS, POST"]);
        expect(await response.text()).toContain("<title>405 Method Not Allowed</title>");
        expect((await fetch(`${service.url}/image`, { method: "OPTIONS" })).status).toBe(200);
    });

    test.each([
        ["HEAD", 200, null],
        ["OPTIONS", 200, "GET, HEAD, OPTIONS"],
        ["POST", 405, "GET, HEAD, OPTIONS"],
        ["DELETE", 405, "GET, HEAD, OPTIONS"],
    ])("%s / is answered with %i", async (method, status, allow) => {
        const response = await fetch(service.url, { method });
        expect([response.status, response.headers.get("allow")]).toEqual([status, allow]);
        expect(await response.text()).toMatch(status === 405 ? /405 Method Not Allowed/ : /^$/);
    });

    test.each([
        "/image",
        "/url",
        "/p/image/nostore",
        "/p/classify/iterations/i/url",
        "/p/detect/iterations/i/url",
    ])("only POST is allowed on %s", async (path) => {
        for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
            const response = await fetch(service.url + path, { method });
            expect([method, response.status, response.headers.get("allow")]).toEqual([
                method,
                method === "OPTIONS" ? 200 : 405,
                "OPTIONS, POST",
            ]);
        }
    });

    test.each([
        ["503 ServiceUnavailable", 503, "1"],
        ["504 Timeout", 504, null],
        [`400 ${WRONG_MODEL}`, 400, null],
    ])(
        "tells in plain HTTP who must wait, or asks the wrong model: %s",
        async (failure, status, retryAfter) => {
            const web = createServer((_request, response) => response.end(failure));
            await once(web.listen(0, "127.0.0.1"), "listening");
            const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
            for (const response of [
                await post("/image", failure),
                await post("/url", JSON.stringify({ url })),
            ]) {
                expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual(
                    [status, retryAfter, "A sentence."],
                );
                expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
            }
            web.close();
        },
    );

    test.each(["400 BadRequestImageFormat", "499 ClientClosedRequest", "500 ErrorPrediction"])(
        "tells nothing of any other failure: %s",
        async (failure) => {
            const response = await post("/image", failure);
            expect([response.status, await response.text()]).toEqual([500, ERROR]);
        },
    );

    test.each([
        [0, "1970-01-01T00:00:00"],
        [1_700_000_000_000_000, "2023-11-14T22:13:20"],
        [1_700_000_000_000_007, "2023-11-14T22:13:20.000007"],
        [1_700_000_000_120_000, "2023-11-14T22:13:20.120000"],
    ])("writes the time of %i microseconds as Python does", (microseconds, created) => {
        expect(JSON.parse(containerAnswer([], microseconds))).toMatchObject({ created, predictions: [] });
    });

    test.each([
        [1, "1.0"],
        [0.5, "0.5"],
        [0.0001, "0.0001"],
        [0.00009999, "9.999e-05"],
        [0.123456786, "0.12345679"],
        [0.999999996, "1.0"],
        [0.000000004, "0.0"],
        [2e-8, "2e-08"],
    ])("writes the probability %d as Python does", (probability, text) => {
        expect(containerAnswer([{ label: "a", probability }], 0)).toContain(`"probability":${text},`);
    });

    test.each([
        ["none", {}],
        ["image/jpeg", { "content-type": "image/jpeg" }],
        ["application/json", { "content-type": "application/json" }],
        [
            "curl's form type, where the original fails",
            { "content-type": "application/x-www-form-urlencoded" },
        ],
        ["a form's, without a boundary", { "content-type": "multipart/form-data" }],
        ["a form's, with an empty boundary", { "content-type": 'Multipart/Form-Data; boundary=""' }],
        [
            "a form's, with a boundary too long for any client",
            { "content-type": `multipart/form-data; boundary=${"x".repeat(101)}` },
        ],
    ])("takes the raw body whatever the content type: %s", async (_name, headers) => {
        expect((await post("/image", IMAGE, headers as Record<string, string>)).status).toBe(200);
        expect(received[0]?.image).toEqual(IMAGE);
    });

    test.each([
        ["with a file name", { fileName: "a.jpg", type: "image/jpeg" }],
        ["without a file name, as the npm SDK sends it", { type: "application/octet-stream" }],
        ["without a content type, as the Python SDK sends it", {}],
    ])("takes the multipart part imageData %s, byte for byte", async (_name, part) => {
        const { body, headers } = multipart(
            { name: "other", content: Buffer.from("x") },
            { name: "imageData", content: IMAGE, ...part },
        );
        expect((await post("/image", body, headers)).status).toBe(200);
        expect(received[0]?.image).toEqual(IMAGE);
    });

    test("takes a form whatever the case of its content type", async () => {
        const { body, headers } = multipart({ name: "imageData", content: IMAGE });
        const type = headers["content-type"]?.replace("multipart/form-data", "Multipart/Form-Data") ?? "";
        expect((await post("/image", body, { "content-type": type })).status).toBe(200);
        expect(received[0]?.image).toEqual(IMAGE);
    });

    test("takes a large part without a content type whole", async () => {
        const large = Buffer.alloc(3 * 1024 * 1024, IMAGE);
        const { body, headers } = multipart({ name: "imageData", content: large });
        expect((await post("/image", body, headers)).status).toBe(200);
        expect(received[0]?.image.equals(large)).toBe(true);
    });

    test("prefers a file to a field of the same name", async () => {
        const { body, headers } = multipart(
            { name: "imageData", content: Buffer.from("field") },
            { name: "imageData", fileName: "a.jpg", content: IMAGE },
        );
        expect((await post("/image", body, headers)).status).toBe(200);
        expect(received[0]?.image).toEqual(IMAGE);
    });

    const path = Buffer.from("/etc/passwd");
    const xyz = { "content-type": "multipart/form-data; boundary=xyz" };
    test.each([
        ["an empty body", { body: Buffer.alloc(0), headers: OCTETS }],
        ["a field with a path, which it must not open", multipart({ name: "imageData", content: path })],
        ["a part of another name", multipart({ name: "file", fileName: "a.png", content: IMAGE })],
        ["a multipart body without an end", { body: Buffer.from("--xyz\r\nContent-Disp"), headers: xyz }],
        ["a body over 4 MiB", { body: Buffer.alloc(4 * 1024 * 1024 + 1), headers: OCTETS }],
    ])("answers %s with status 500 and its one sentence", async (_name, { body, headers }) => {
        const response = await post("/image", body, headers);
        expect(response.status).toBe(500);
        expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
        expect(await response.text()).toBe(ERROR);
    });

    test("takes a body of exactly 4 MiB, also in chunks, and refuses chunks beyond it", async () => {
        const chunks = (bytes: number) =>
            new ReadableStream({
                start(controller) {
                    for (let sent = 0; sent < bytes; sent += 65536) {
                        controller.enqueue(new Uint8Array(Math.min(65536, bytes - sent)));
                    }
                    controller.close();
                },
            });
        const send = (bytes: number) =>
            fetch(`${service.url}/image`, {
                method: "POST",
                body: chunks(bytes),
                duplex: "half",
            } as RequestInit);
        expect((await post("/image", Buffer.alloc(4 * 1024 * 1024), OCTETS)).status).toBe(200);
        expect((await send(4 * 1024 * 1024)).status).toBe(200);
        expect((await send(4 * 1024 * 1024 + 1)).status).toBe(500);
    });

    describe("with a web server that has images", () => {
        const web = createServer((request, response) => {
            response.statusCode = request.url === "/image.png" ? 200 : 404;
            response.end(request.url === "/image.png" ? IMAGE : "");
        });
        const urlOf = (path: string) => `http://127.0.0.1:${(web.address() as AddressInfo).port}${path}`;
        beforeAll(async () => {
            web.listen(0, "127.0.0.1");
            await once(web, "listening");
        });
        afterAll(() => web.close());

        test("fetches the image behind a URL, whatever the content type of the request", async () => {
            const response = await post("/url", JSON.stringify({ url: urlOf("/image.png") }));
            expect(response.status).toBe(200);
            expect(response.headers.get("content-type")).toBe("application/json");
            expect(received[0]?.image).toEqual(IMAGE);
        });

        test.each([
            ["a page that is not there", () => JSON.stringify({ url: urlOf("/missing") })],
            [
                "the key Url, which only the oldest containers read",
                () => JSON.stringify({ Url: urlOf("/image.png") }),
            ],
            ["no JSON", () => urlOf("/image.png")],
            ["JSON that is no object", () => "null"],
            ["a server that does not answer", () => '{"url":"http://127.0.0.1:1/"}'],
            ["a file of the server", () => '{"url":"file:///etc/passwd"}'],
        ])("answers %s with the same sentence, but status 200", async (_name, body) => {
            const response = await post("/url", body());
            expect(response.status).toBe(200);
            expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
            expect(await response.text()).toBe(ERROR);
            expect(received).toEqual([]);
        });
    });

    test("says in its log, not to the client, why an image was refused", async () => {
        await post("/url", '{"url":"file:///etc/passwd"}');
        expect(service.logs.at(-1)).toMatchObject({
            level: "info",
            code: "BadRequestImageUrl",
            message: 'Expected "url" to be an http or https address, got "file:///etc/passwd".',
        });
    });
});
