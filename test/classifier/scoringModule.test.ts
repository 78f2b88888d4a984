import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppParts } from "../../classifier/src/app";
import { classify } from "../../classifier/src/classify";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { scoreBody } from "../../classifier/src/score/scoreBody";
import { openScoringModule, withHooks } from "../../classifier/src/score/scoringModule";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { serve, type TestService } from "./support/service";
import { finish, startProgram, startService, stopServices } from "./support/serviceProcess";
import { linearClassifier, tableModelFolder } from "./support/tableModel";

const FAILED = "An unexpected error occurred in scoring script. Check the logs for more info.";
const EXAMPLES = [
    ...readFileSync(join(__dirname, "../../docs/scoring-module.md"), "utf8").matchAll(
        /```js\n([\s\S]*?)```/g,
    ),
].map(([, code = ""]) => code);

const services: TestService[] = [];
afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
    stopServices();
});

/** Serves a folder's model with the module in it, as the service does. */
async function serveWith(
    modelDir: string,
    scoringModule: string,
    parts: Partial<AppParts> = {},
): Promise<TestService> {
    const catalog = await openCatalog(modelDir, "stop");
    const builtIn: Pick<AppParts, "classifyFor" | "scoreFor"> = {
        classifyFor: (image, names) =>
            classify(catalog.find(names).model, image, { preprocessing: "exact", maxPixels: 1_000_000 }),
        scoreFor: (body, names) => scoreBody(catalog.find(names).model, body),
    };
    const logs: Record<string, unknown>[] = [];
    const opened = await openScoringModule({ modelDir, scoringModule }, builtIn, (entry) => logs.push(entry));
    const service = await serve({ ...builtIn, ...parts, scoringModule: opened });
    service.logs.push(...logs);
    services.push(service);
    return service;
}

async function serveCode(code: string, parts?: Partial<AppParts>): Promise<TestService> {
    return serveWith(await colourModelFolder({ "score.js": code }), "score.js", parts);
}

function post(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
    return fetch(url, { method: "POST", body, headers });
}

describe("the examples of the documentation", () => {
    test("echo and reverse", async () => {
        const service = await serveCode(EXAMPLES[0] ?? "");
        expect(service.logs[0]).toMatchObject({ event: "scoring module", message: "ready to echo" });
        const echo = await fetch(`${service.url}/score?name=x&name=y`);
        expect([echo.status, echo.headers.get("content-type"), await echo.text()]).toEqual([
            200,
            "text/plain; charset=utf-8",
            "/score?name=x&name=y",
        ]);
        const reversed = await post(`${service.url}/score`, Buffer.from([1, 2, 0, 255]));
        expect(reversed.headers.get("content-type")).toBe("application/octet-stream");
        expect([...new Uint8Array(await reversed.arrayBuffer())]).toEqual([255, 0, 2, 1]);
        const empty = await post(`${service.url}/score`, "");
        expect([empty.status, await empty.json()]).toEqual([
            422,
            { message: "Expected something to reverse." },
        ]);
    });

    test("call the model and a file beside it", async () => {
        const folder = await colourModelFolder({
            "score.js": EXAMPLES[1] ?? "",
            "prices.json": '{ "green": 3 }',
        });
        const service = await serveWith(folder, "score.js");
        const answer = await post(`${service.url}/score`, await pngOf([0, 255, 0]));
        expect(await answer.json()).toEqual({ label: "green", price: 3 });
    });

    test("say nothing where the model is not sure, on every route", async () => {
        const service = await serveCode(EXAMPLES[2] ?? "");
        const probabilities = async (colour: number[]) => {
            const answer = await post(`${service.url}/image`, await pngOf(colour));
            const { predictions } = (await answer.json()) as { predictions: { probability: number }[] };
            return predictions.map(({ probability }) => Math.round(probability * 100) / 100);
        };
        expect(await probabilities([255, 0, 0])).toEqual([0.99, 0, 0]);
        expect(await probabilities([200, 200, 0])).toEqual([0, 0, 0]);
        const image = (await pngOf([200, 200, 0])).toString("base64");
        const list = await post(`${service.url}/score`, JSON.stringify([{ image_in_base64: image }]));
        expect(await list.json()).toEqual(["[0,0,0]"]);
    });
});

describe("a scoring module", () => {
    test("gets what came, but no keys, and chooses status and headers", async () => {
        const service = await serveCode(
            `exports.run = (request) => request.respond(207, { ...request, body: [...request.body] },
                { "X-Mine": "yes", "Content-Type": "application/problem+json" });`,
            { keys: ["secret"] },
        );
        const headers = {
            authorization: "Bearer secret",
            "prediction-key": "secret",
            cookie: "session=secret",
            "x-other": "kept",
        };
        const response = await post(`${service.url}/score?a=1&b=2`, Buffer.from([0, 255]), headers);
        expect([
            response.status,
            response.headers.get("x-mine"),
            response.headers.get("content-type"),
        ]).toEqual([207, "yes", "application/problem+json"]);
        const text = await response.text();
        expect(JSON.parse(text)).toMatchObject({
            method: "POST",
            url: "/score?a=1&b=2",
            query: { a: "1", b: "2" },
            headers: { "x-other": "kept" },
            body: [0, 255],
        });
        expect(text).not.toContain("secret");
    });

    test.each<[string, string, string, string]>([
        ["a text", '"plain"', "text/plain; charset=utf-8", "plain"],
        ["bytes", 'Buffer.from("raw")', "application/octet-stream", "raw"],
        ["any other value", "[1, null]", "application/json", "[1,null]"],
        ["nothing", "undefined", "text/plain; charset=utf-8", ""],
        ["a text of a type", '"<p>", { "content-TYPE": "text/html" }', "text/html", "<p>"],
        ["bytes of a type", 'Buffer.from("x"), { "Content-Type": "image/x" }', "image/x", "x"],
    ])("may respond with %s", async (_name, body, type, text) => {
        const service = await serveCode(`exports.run = (request) => request.respond(201, ${body});`);
        const response = await fetch(`${service.url}/score`);
        expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
            201,
            type,
            text,
        ]);
    });

    test("leaves to the classification what it was asked for, and its caller's image whole", async () => {
        const asked: unknown[][] = [];
        const classifyFor: AppParts["classifyFor"] = async (...given) => {
            asked.push(given);
            return [{ label: "a", probability: 1 }];
        };
        const hooks = {
            before: async (image: Uint8Array) => image.subarray(1),
            after: async () => [{ label: "b", probability: 0.5 }],
        };
        const { signal } = new AbortController();
        const wishes = { rawScores: true };
        const image = Uint8Array.of(1, 2, 3);
        expect(await withHooks(classifyFor, hooks)(image, ["m"], signal, wishes)).toEqual([
            { label: "b", probability: 0.5 },
        ]);
        expect(asked[0]).toEqual([Uint8Array.of(2, 3), ["m"], signal, wishes]);
        expect(await withHooks(classifyFor, {})(image, ["m"], signal, wishes)).toEqual([
            { label: "a", probability: 1 },
        ]);
        expect(asked[1]?.[0]).toBe(image);

        const folder = await folderOf({
            "score.js":
                "let c; exports.init = (context) => { c = context; }; exports.run = (image) => c.classify(image);",
        });
        const module = await openScoringModule(
            { modelDir: folder, scoringModule: "score.js" },
            { classifyFor, scoreFor: async () => ({ dialect: "rows", answer: [] }) },
            () => {},
        );
        await module?.run?.(image as never);
        expect(asked[2]?.[0]).toEqual(image);
        const [copy] = asked[2] as [Uint8Array];
        expect(copy.buffer).not.toBe(image.buffer);
    });

    test("may answer with any value, which is sent as JSON, and nothing is an empty object", async () => {
        const service = await serveCode(
            "exports.run = async ({ query }) => (query.nothing ? undefined : [1, { a: null }]);",
        );
        expect(await (await fetch(`${service.url}/score`)).text()).toBe('[1,{"a":null}]');
        expect(await (await fetch(`${service.url}/score?nothing=1`)).text()).toBe("{}");
        expect((await fetch(`${service.url}/score`, { method: "PUT" })).status).toBe(405);
    });

    test("can ask the model about rows", async () => {
        const code = `let context;
            exports.init = (given) => { context = given; };
            exports.run = async ({ body }) => ({ classes: await context.scoreRows(JSON.parse(Buffer.from(body))) });`;
        const folder = await tableModelFolder(linearClassifier(), { "score.js": code });
        const service = await serveWith(folder, "score.js");
        const answer = await post(`${service.url}/score`, "[[0,0,1,0],[0,1,0,0]]");
        expect(await answer.json()).toEqual({ classes: [2, 1] });
    });

    test("that changes images gets their bytes, on every route", async () => {
        const green = (await pngOf([0, 255, 0])).toString("base64");
        const service = await serveCode(
            `exports.before = async (image) => image.length === 4 ? Buffer.from("${green}", "base64") : image;`,
        );
        const answer = await post(`${service.url}/image`, "swap");
        const { predictions } = (await answer.json()) as { predictions: { probability: number }[] };
        expect(predictions[1]?.probability).toBeGreaterThan(0.9);
    });

    test.each([
        ["run", "/score", JSON.stringify({ message: FAILED })],
        ["before", "/image", "Error processing image"],
        ["after", "/image", "Error processing image"],
    ])("whose %s throws is logged, and its client gets 500 and a fixed text", async (name, path, text) => {
        const service = await serveCode(`exports.${name} = () => { throw new Error("private detail"); };`);
        const response = await post(`${service.url}${path}`, await pngOf([1, 2, 3]));
        expect([response.status, await response.text()]).toEqual([500, text]);
        expect(service.logs).toContainEqual(
            expect.objectContaining({
                level: "error",
                requestId: expect.any(String),
                message: expect.stringMatching(/private detail[\s\S]*score\.js/),
            }),
        );
    });

    test("that answers with a status that is none fails as if it had thrown", async () => {
        const service = await serveCode("exports.run = (request) => request.respond(42, 1);");
        const response = await fetch(`${service.url}/score`);
        expect([response.status, await response.json()]).toEqual([500, { message: FAILED }]);
    });

    test("that does not answer is given up", async () => {
        const service = await serveCode("exports.run = () => new Promise(() => {});", { deadlineMs: 50 });
        expect((await fetch(`${service.url}/score`)).status).toBe(504);
    });
});

describe("a scoring module that cannot be used is refused with a sentence:", () => {
    const cases: [string, string, string, RegExp][] = [
        [
            "a Python script",
            "score.py",
            "def init(): pass",
            /found the Python script score\.py\. Write it as JavaScript: module\.exports = \{ async init\(context\)/,
        ],
        [
            "a file outside of the folder",
            "../score.js",
            "missing",
            /found \.\.\/score\.js, which is outside of it/,
        ],
        ["a file elsewhere", "/etc/score.js", "missing", /found \/etc\/score\.js, which is outside of it/],
        [
            "an after that is no function",
            "after.js",
            "exports.run = () => 1; exports.after = 7;",
            /that after is no/,
        ],
        ["a before that is no function", "before.js", "exports.before = {};", /that before is no/],
        ["an init alone", "alone.js", "exports.init = () => {};", /among its exports \(init\)/],
        ["a file that is not there", "none.js", "missing", /loading .*none\.js failed: Cannot find module/],
        ["code with a mistake", "bad.js", "exports.run = (", /loading .*bad\.js failed: .*/],
        [
            "no functions",
            "empty.js",
            "exports.answer = 42;",
            /found neither run nor before nor after among its exports \(answer\)/,
        ],
        [
            "something else",
            "text.js",
            "module.exports = 'run';",
            /found a string\. Its shape is: module\.exports/,
        ],
        ["a run that is no function", "run.js", "exports.run = true;", /found that run is no function/],
        [
            "an init that fails",
            "init.js",
            "exports.run = () => 1; exports.init = async () => { throw new Error('no prices'); };",
            /Expected init of .*init\.js to succeed, it threw: no prices/,
        ],
    ];
    test.each(cases)("%s", async (_name, file, code, sentence) => {
        const isThere = code !== "missing";
        const folder = await colourModelFolder(isThere ? { [file]: code } : {});
        await expect(serveWith(folder, file)).rejects.toThrow(sentence);
    });
});

describe("the service as a process", () => {
    const bomb = 'require("node:fs").writeFileSync(require("node:path").join(__dirname, "was-run"), "");';

    test("never runs what lies in the model's folder, unless the option names it", async () => {
        const MODEL_DIR = await colourModelFolder({
            "score.js": bomb,
            "index.js": bomb,
            "score.py": "x",
            "package.json": '{ "main": "score.js" }',
        });
        await startService({ MODEL_DIR, WORKERS: "1" });
        expect(() => readFileSync(join(MODEL_DIR, "was-run"))).toThrow(/ENOENT/);
    });

    test("runs the named module's init once, and takes ES modules too", async () => {
        const code = `import { appendFileSync } from "node:fs";
            export function init({ modelDir }) { appendFileSync(modelDir + "/inits", "x"); }
            export function run(request) { return { got: request.body.length }; }`;
        const MODEL_DIR = await colourModelFolder({ "score.mjs": code });
        const { port } = await startService({ MODEL_DIR, SCORING_MODULE: "score.mjs" });
        const answers = [1, 2].map(async () => (await post(`http://127.0.0.1:${port}/score`, "abc")).json());
        expect(await Promise.all(answers)).toEqual([{ got: 3 }, { got: 3 }]);
        expect(readFileSync(join(MODEL_DIR, "inits"), "utf8")).toBe("x");
    });

    test("ends with 1 and the sentence if the module cannot be used", async () => {
        const MODEL_DIR = await colourModelFolder({ "score.py": "x" });
        const { code, output } = await finish(
            startProgram("main", { MODEL_DIR, PORT: "0", SCORING_MODULE: "score.py" }),
        );
        expect([code, output]).toEqual([1, expect.stringContaining("found the Python script score.py")]);
        expect(output).not.toContain("    at ");
    });
});
