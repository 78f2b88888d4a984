import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describeUnless } from "../support/describeUnless";
import { colourModelFolder, folderOf, pngOf, pngOfPixels } from "./support/colourModel";
import { serveModels } from "./support/modelService";
import { serve, type TestService } from "./support/service";
import { startService, stopServices } from "./support/serviceProcess";
import { linearClassifier, rowOf, tableModelFolder } from "./support/tableModel";

const FAILED = "An unexpected error occurred in scoring script. Check the logs for more info.";
const ROWS = [0, 2, 1, 1].map((label) => rowOf(label, 4, 3));

function post(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
    return fetch(url, { method: "POST", body, headers });
}

async function messageOf(response: Response): Promise<string> {
    return ((await response.json()) as { message: string }).message;
}

describe("a model that takes rows", () => {
    let service: TestService;
    beforeAll(async () => {
        service = await serveModels(await tableModelFolder(linearClassifier()));
    });
    afterAll(() => service.close());
    const score = (body: unknown, headers?: Record<string, string>) =>
        post(`${service.url}/score`, JSON.stringify(body), headers);

    test("answers the guides' client with a label per row", async () => {
        const response = await score({ data: ROWS }, { "content-type": "application/json" });
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toBe("application/json");
        expect(response.headers.get("x-ms-run-function-failed")).toBe("False");
        expect(response.headers.get("x-ms-run-fn-exec-ms")).toMatch(/^\d+\.\d{3}$/);
        expect(await response.text()).toBe("[0,2,1,1]");
    });

    test("takes other things beside the rows, any content type, and one row as flat values", async () => {
        expect(await (await score({ method: "predict", data: ROWS.slice(0, 1) })).json()).toEqual([0]);
        expect(await (await score({ data: ROWS[1] }, { "content-type": "text/plain" })).json()).toEqual([2]);
    });

    test("takes the rows from the query too", async () => {
        const query = new URLSearchParams({ data: JSON.stringify(ROWS) });
        expect(await (await fetch(`${service.url}/score?${query}`)).json()).toEqual([0, 2, 1, 1]);
    });

    test.each([
        ["a parameter that is given several times", "data=0&data=0&data=1&data=0", [2]],
        ["others beside it", "top=3&data=[[0,1,0,0]]&name=x", [1]],
    ])("takes the rows from %s", async (_name, query, expected) => {
        expect(await (await fetch(`${service.url}/score?${query}`)).json()).toEqual(expected);
    });

    test.each([
        ["data=text", /Expected "data" to be a list of rows, found text\./],
        ["data=7", /found 7\./],
        ["rows=[[1]]", /found an object with rows\./],
        ["", /found an object with nothing\./],
    ])("says what is wrong with the query ?%s", async (query, sentence) => {
        const response = await fetch(`${service.url}/score?${query}`);
        expect([response.status, await messageOf(response)]).toEqual([400, expect.stringMatching(sentence)]);
    });

    test.each<[string, string, RegExp]>([
        ["no body", "", /^Expected a body of JSON in UTF-8, found: an empty body\.$/],
        ["no JSON", "xx", /^Expected a body of JSON in UTF-8, found: .*\.$/],
        ["bytes that are no UTF-8", "\u00ff", /^Expected a body of JSON in UTF-8/],
        ["no rows", "{}", /Expected \{"data": \[row, .*found an object with nothing\.$/],
        ["something else", "3", /found a number\.$/],
        ["an empty list", '{"data": []}', /Expected "data" to be a list of rows/],
        ["a row that is too short", '{"data": [[1]]}', /Expected row 0 to have 4 values, found 1/],
    ])("answers %s with 400 and a message", async (_name, body, sentence) => {
        const response = await post(`${service.url}/score`, Buffer.from(body, "latin1"));
        expect(response.status).toBe(400);
        expect(response.headers.get("content-type")).toBe("application/json");
        expect(response.headers.get("x-ms-run-function-failed")).toBe("False");
        expect(await messageOf(response)).toMatch(sentence);
    });

    test("says on image routes, and to who posts images, that it takes none", async () => {
        const sentence = /Expected a model that takes images, but .* takes rows of values/;
        const cloud = await post(
            `${service.url}/customvision/v3.1/prediction/p/classify/iterations/i/image`,
            "x",
        );
        expect([cloud.status, await messageOf(cloud)]).toEqual([400, expect.stringMatching(sentence)]);
        const container = await post(`${service.url}/image`, "x");
        expect([container.status, await container.text()]).toEqual([400, expect.stringMatching(sentence)]);
        const list = await score([{ image_in_base64: "eA==" }]);
        expect([list.status, await messageOf(list)]).toEqual([400, expect.stringMatching(sentence)]);
    });
});

describe("/score", () => {
    let service: TestService;
    beforeAll(async () => {
        service = await serve({
            keys: ["secret"],
            maxScoreBytes: 1000,
            scoreFor: async (body) => {
                if (body.length === 3) {
                    throw new Error("the session is gone");
                }
                return { dialect: "rows", answer: [body.length] };
            },
        });
    });
    afterAll(() => service.close());
    const authorization = "Bearer secret";
    const score = (body: string, headers: Record<string, string> = {}) =>
        post(`${service.url}/score`, body, { authorization, ...headers });

    test("answers OPTIONS, and other methods with 405", async () => {
        const options = await fetch(`${service.url}/score`, { method: "OPTIONS" });
        expect([options.status, await options.text()]).toEqual([200, ""]);
        for (const method of ["PUT", "DELETE", "PATCH"]) {
            const response = await fetch(`${service.url}/score`, { method });
            expect([response.status, response.headers.get("allow"), await messageOf(response)]).toEqual([
                405,
                "GET, OPTIONS, POST",
                "The method is not allowed for the requested URL.",
            ]);
        }
        expect((await fetch(`${service.url}/score`, { method: "HEAD" })).status).toBe(405);
        expect((await score("x")).status).toBe(200);
        expect((await post(`${service.url}/score/`, "x", { authorization })).status).toBe(404);
    });

    // azureml-inference-server-http 1.5.1 answers in this way to the same headers.
    test.each<[string, Record<string, string>, Record<string, string | null>]>([
        ["its own name", { "x-request-id": "q" }, { "x-request-id": "q", "x-ms-request-id": "q" }],
        [
            "the old name",
            { "x-ms-request-id": "abc" },
            { "x-ms-request-id": "abc", "x-ms-client-request-id": "abc", "x-request-id": expect.any(String) },
        ],
        [
            "the new name",
            { "x-ms-client-request-id": "cid" },
            { "x-ms-request-id": "cid", "x-ms-client-request-id": "cid" },
        ],
        [
            "all of them, and Office's",
            { "x-ms-request-id": "r", "x-ms-client-request-id": "cid", "x-request-id": "q", TraceId: "7" },
            { "x-ms-request-id": "r", "x-ms-client-request-id": "cid", "x-request-id": "q", traceid: "7" },
        ],
        ["none", {}, { "x-ms-client-request-id": null, traceid: null }],
    ])("gives a request back its id under %s", async (_name, given, expected) => {
        const { headers } = await score("x", given);
        for (const [name, value] of Object.entries(expected)) {
            expect([name, headers.get(name)]).toEqual([name, value]);
        }
    });

    test("refuses ids of more than 100 characters", async () => {
        const long = "a".repeat(101);
        for (const name of ["x-ms-request-id", "x-ms-client-request-id"]) {
            const response = await score("x", { [name]: long });
            expect([response.status, await messageOf(response)]).toEqual([
                431,
                "x-ms-request-id and x-ms-client-request-id must not exceed 100 characters",
            ]);
        }
        expect(await messageOf(await score("x", { "x-request-id": long }))).toBe(
            "x-request-id must not exceed 100 characters",
        );
        for (const name of ["x-request-id", "x-ms-request-id", "x-ms-client-request-id"]) {
            expect((await score("x", { [name]: "a".repeat(100) })).status).toBe(200);
        }
    });

    test("asks the model that its path names, for rows and for images", async () => {
        const asked: unknown[] = [];
        const several = await serve({
            scoreFor: async (body, names) => {
                asked.push(names);
                return body.length === 1
                    ? { dialect: "rows", answer: [] }
                    : { dialect: "export", images: [{ source: { base64: "eA==" } }] };
            },
            classifyFor: async (_image, names) => {
                asked.push(names);
                return [];
            },
        });
        for (const path of ["/score", "/fruit/score"]) {
            await post(several.url + path, "1");
            await post(several.url + path, "12");
        }
        const fruit = ["fruit"];
        expect(asked.map((names) => (names as unknown[]).filter(Boolean))).toEqual([
            ...[[], [], []],
            ...[fruit, fruit, fruit],
        ]);
        await several.close();
    });

    test("requires the key, and answers without it as it answers everything", async () => {
        const response = await post(`${service.url}/score`, "x");
        expect(response.status).toBe(401);
        expect(await messageOf(response)).toMatch(/Expected one of the service's keys/);
    });

    test("has a limit of its own for bodies, whether their length is said or not", async () => {
        expect(await (await score("x".repeat(1000))).json()).toEqual([1000]);
        expect([(await score("x".repeat(1001))).status]).toEqual([413]);
        const chunked = httpRequest(`${service.url}/score`, { method: "POST", headers: { authorization } });
        chunked.on("error", () => {}); // The connection ends before everything is sent.
        chunked.write("x".repeat(700));
        chunked.write("x".repeat(700));
        chunked.end();
        const [response] = await once(chunked, "response");
        expect(response.statusCode).toBe(413);
        response.resume();
    });

    test("tells the client nothing about a failure, and its log everything", async () => {
        const response = await score("xxx");
        expect([response.status, response.headers.get("x-ms-run-function-failed")]).toEqual([500, "True"]);
        expect(await messageOf(response)).toBe(FAILED);
        expect(service.logs).toContainEqual(
            expect.objectContaining({
                level: "error",
                message: expect.stringContaining("the session is gone"),
                requestId: response.headers.get("x-request-id"),
            }),
        );
    });
});

describe("images in the dialects of Azure ML", () => {
    let service: TestService;
    let red: string;
    let blue: string;
    const web = createServer(async (request, response) => {
        response.writeHead(request.url === "/green.png" ? 200 : 404).end(await pngOf([0, 255, 0]));
    });
    let webUrl: string;

    beforeAll(async () => {
        await once(web.listen(0, "127.0.0.1"), "listening");
        webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
        red = (await pngOf([255, 0, 0])).toString("base64");
        blue = (await pngOf([0, 0, 255])).toString("base64");
        service = await serveModels(await colourModelFolder({}, { head: "none" }));
    });
    afterAll(async () => {
        await service.close();
        web.close();
    });
    const score = async (body: unknown) => {
        const response = await post(`${service.url}/score`, JSON.stringify(body));
        expect(response.status).toBe(200);
        return response.json();
    };
    const scoresOf = (serialized: string) =>
        (JSON.parse(serialized) as number[]).map((value) => Number(value.toFixed(4)));

    test("get an answer each, in the package's list of serialized results, and a sentence for a bad one", async () => {
        // The published client writes str(bytes), and a header for routing.
        const answer = (await score([
            { image_in_base64: `b'${red}'`, parameters: {} },
            { image_in_base64: "b'bm90IGFuIGltYWdl'", parameters: {} },
            { image_in_base64: `data:image/png;base64,${blue}` },
        ])) as string[];
        expect(answer).toHaveLength(3);
        expect(scoresOf(String(answer[0]))).toEqual([5, 0, 0]);
        expect(JSON.parse(String(answer[1]))).toEqual({
            error: expect.stringMatching(/^Expected a JPEG, PNG, .* image .*\.$/),
        });
        expect(scoresOf(String(answer[2]))).toEqual([0, 0, 5]);
    });

    test("are fetched from an address as /url does, and one that is not there spoils no other", async () => {
        const answer = (await score([
            { image_url: `${webUrl}/green.png` },
            { image_url: `${webUrl}/none.png?sig=secret` },
            { image_url: "file:///etc/passwd" },
        ])) as string[];
        expect(scoresOf(String(answer[0]))).toEqual([0, 5, 0]);
        expect(answer[1]).toContain("it answered 404");
        expect(answer[2]).toContain("http or https address");
        expect(JSON.stringify(service.logs)).not.toContain("secret");
    });

    test("become probabilities with ADD_SOFTMAX", async () => {
        const [answer] = (await score([
            { image_in_base64: red, parameters: { ADD_SOFTMAX: true } },
        ])) as string[];
        const e5 = Math.exp(5);
        expect(scoresOf(String(answer))).toEqual(
            [e5, 1, 1].map((value) => Number((value / (e5 + 2)).toFixed(4))),
        );
    });

    test("are stretched to image_resize_dims first, so that nothing is cropped", async () => {
        // Thrice as wide as high, red in the middle third: cropped it is red alone, stretched a third of it.
        const pixels = Buffer.from(
            Array.from({ length: 24 * 8 }, (_, at) =>
                at % 24 >= 8 && at % 24 < 16 ? [255, 0, 0] : [0, 0, 0],
            ).flat(),
        );
        const wide = (await pngOfPixels(pixels, 24, 8)).toString("base64");
        const [cropped, stretched] = (await score([
            { image_in_base64: wide },
            { image_in_base64: wide, parameters: { image_resize_dims: [8, 8] } },
        ])) as string[];
        expect(scoresOf(String(cropped))[0]).toBe(5);
        expect(scoresOf(String(stretched))[0]).toBeCloseTo(5 / 3, 0);
    });

    test.each<[string, unknown, RegExp]>([
        ["neither image nor address", {}, /expected image_in_base64 or image_url/],
        ["a number", 7, /Expected an image of the list to be right/],
        [
            "parameters of the wrong kind",
            { image_in_base64: "eA==", parameters: { ADD_SOFTMAX: 3 } },
            /parameters: ADD_SOFTMAX/,
        ],
        [
            "an absurd size",
            { image_in_base64: "eA==", parameters: { image_resize_dims: [1, 99999] } },
            /image_resize_dims/,
        ],
        ["no base64", { image_in_base64: "b'\\x89PNG'" }, /Expected an image in base64/],
    ])("are told what is wrong where there is %s", async (_name, item, sentence) => {
        const [answer] = (await score([item])) as string[];
        expect((JSON.parse(String(answer)) as { error: string }).error).toMatch(sentence);
    });

    test.each<[string, (base64: string) => string]>([
        ["plain", (base64) => base64],
        ["as Python prints bytes", (base64) => `b'${base64}'`],
        ["as Python prints bytes with a quote in them", (base64) => `b"${base64}"`],
        ["as a data URL", (base64) => `data:image/png;charset=x;base64,${base64}`],
        ["in lines", (base64) => ` ${base64.replace(/.{40}/g, "$&\r\n")}\n`],
        ["for addresses", (base64) => base64.replaceAll("+", "-").replaceAll("/", "_")],
        ["without padding", (base64) => base64.replace(/=+$/, "")],
    ])("are taken in base64 that is written %s", async (_name, write) => {
        const [answer] = (await score([{ image_in_base64: write(red) }])) as string[];
        expect(scoresOf(String(answer))).toEqual([5, 0, 0]);
    });

    test.each([
        ["padded in the middle", "eA==eA=="],
        ["with another sign at its end", "eA==!"],
        ["empty", ""],
    ])("are not taken in base64 that is %s", async (_name, image_in_base64) => {
        const [answer] = (await score([{ image_in_base64 }])) as string[];
        expect(answer).toContain("Expected an image in base64, found something else.");
    });

    test("may have 4 MiB each, and no more", async () => {
        const size = 4 * 1024 * 1024;
        const [most, more] = (await score(
            [size, size + 1].map((bytes) => ({ image_in_base64: Buffer.alloc(bytes).toString("base64") })),
        )) as string[];
        expect(most).toContain("Expected a JPEG");
        expect(more).toContain("Expected an image of at most 4194304 bytes, found 4194305.");
    });

    test("may have 16 addresses together, and any number beside them", async () => {
        const here = { image_in_base64: red };
        const there = { image_url: `${webUrl}/green.png` };
        const answers = (await score([here, ...Array(17).fill(there), here])) as string[];
        expect(answers.map((answer) => JSON.parse(answer).error ?? "fine")).toEqual([
            ...Array(17).fill("fine"),
            "Expected at most 16 addresses in a request.",
            "fine",
        ]);
    });

    test("that both have and name an image count as what they have, and their parameters may be null", async () => {
        const both = { image_in_base64: red, image_url: `${webUrl}/green.png`, parameters: null };
        const [answer] = (await score([both])) as string[];
        expect(scoresOf(String(answer))).toEqual([5, 0, 0]);
    });

    test("keep their own sentence where the model fails on one of them, which says nothing of why", async () => {
        const failing = await serve({
            scoreFor: async () => ({
                dialect: "package",
                images: ["What it lacks.", ...["eA==", "eHg="].map((base64) => ({ source: { base64 } }))],
            }),
            classifyFor: async ({ length }) => {
                if (length === 2) {
                    throw new Error("private detail");
                }
                return [{ label: "any", probability: 0.5 }];
            },
        });
        const answers = (await (await post(`${failing.url}/score`, "x")).json()) as string[];
        expect(answers.map((answer) => JSON.parse(answer))).toEqual([
            { error: "What it lacks." },
            [0.5],
            { error: "The model failed on this image." },
        ]);
        expect(failing.logs).toContainEqual(
            expect.objectContaining({ level: "error", message: expect.stringContaining("private detail") }),
        );
        await failing.close();
    });

    test("of automated ML's table get probabilities and labels", async () => {
        const table = { input_data: { columns: ["image"], data: [red, [blue], "???"] } };
        expect(await score(table)).toEqual([
            {
                probs: [expect.closeTo(0.9867, 3), expect.any(Number), expect.any(Number)],
                labels: ["red", "green", "blue"],
            },
            expect.objectContaining({
                probs: [expect.any(Number), expect.any(Number), expect.closeTo(0.9867, 3)],
            }),
            { error: expect.stringMatching(/base64/) },
        ]);
    });

    test("posted as to the score.py of an export get what its container answers, or a sentence", async () => {
        const predictions = [{ tagName: "red" }, { tagName: "green" }, { tagName: "blue" }];
        expect(await score({ image: `b'${red}'` })).toMatchObject({ project: "", predictions });
        expect(await score({ url: `${webUrl}/green.png` })).toMatchObject({ predictions });
        expect(await score({ url: `${webUrl}/none.png` })).toMatch(
            /^Expected an image at .*it answered 404\.$/,
        );
    });
});

describe("the guides' clients against the service as a process", () => {
    afterEach(stopServices);

    test("get the labels of 10 000 digits in one request", async () => {
        const MODEL_DIR = await tableModelFolder(linearClassifier({ features: 784, classes: 10 }));
        const { port } = await startService({ MODEL_DIR, WORKERS: "1" });
        const digits = Array.from({ length: 10 }, (_, label) => JSON.stringify(rowOf(label, 784, 10)));
        const labels = Array.from({ length: 10_000 }, (_, row) => (row * 7) % 10);
        const body = `{"data": [${labels.map((label) => digits[label]).join(", ")}]}`;
        const response = await post(`http://127.0.0.1:${port}/score`, body, {
            "content-type": "application/json",
        });
        expect(response.status).toBe(200);
        expect(await response.json()).toEqual(labels);
    });
});

const python = process.env.PYTHON ?? "python3";
const hasScikitLearn = spawnSync(python, ["-c", "import sklearn, skl2onnx"]).status === 0;
const scikitLearnMissing = hasScikitLearn ? undefined : `${python} cannot import sklearn and skl2onnx`;

describeUnless(scikitLearnMissing)("a model that scikit-learn made of its digits", () => {
    test("gives for each row the label that scikit-learn gives", async () => {
        const folder = await folderOf({});
        const made = spawnSync(python, [join(__dirname, "support", "digits.py"), folder], {
            encoding: "utf8",
        });
        expect([made.status, made.stderr]).toEqual([0, expect.any(String)]);
        const { data, labels } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
        const service = await serveModels(folder);
        const response = await post(`${service.url}/score`, JSON.stringify({ data }));
        expect(await response.json()).toEqual(labels);
        await service.close();
    });
});
