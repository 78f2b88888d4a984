import type { AppParts } from "../../classifier/src/app";
import { clientGone, RequestError } from "../../classifier/src/errors";
import { type AdmissionState, createAdmission } from "../../classifier/src/http/admission";
import { until } from "../support/waiting";
import { multipart } from "./support/multipart";
import { dial, postHead } from "./support/rawClient";
import { serve, type TestService } from "./support/service";

const MB = 1024 * 1024;
const EMPTY = { requests: 0, bytes: 0, slowBytes: 0 };
const CLOUD = "/customvision/v3.1/prediction/p/classify/iterations/i";

/** A service that says who is inside whenever it is asked for something. */
async function open(parts: Partial<AppParts> = {}, limits = { maxRequests: 1, maxBytes: 100 * MB }) {
    const admission = createAdmission(limits);
    const seen: AdmissionState[] = [];
    const given: Uint8Array[] = [];
    const look = <T>(answer: T): T => {
        seen.push(admission.state());
        return answer;
    };
    const service = await serve({
        admission,
        maxScoreBytes: 10 * MB,
        memory: {
            take: (bytes) => Buffer.alloc(bytes),
            giveBack: (body) => void given.push(body as Uint8Array),
        },
        classifyFor: async (image) => {
            look(image);
            if (image.length === 3) {
                throw new Error("a failure of the model");
            }
            if (image.length === 4) {
                throw new RequestError(503, "ServiceUnavailable", "Busy.");
            }
            return [{ label: "any", probability: 1 }];
        },
        scoreFor: async (body) => {
            look(body);
            if (body.length === 3) {
                throw new Error("a failure of the model");
            }
            return { dialect: "rows", answer: [1] };
        },
        fetchImage: async ({ pathname }) => {
            look(pathname);
            if (pathname === "/none") {
                throw new RequestError(400, "BadRequestImageUrl", "Nothing there.");
            }
            return Buffer.alloc(9);
        },
        ...parts,
    });
    return { ...service, admission, seen, given };
}

const services: TestService[] = [];
afterEach(() => Promise.all(services.splice(0).map(({ close }) => close())));

const form = multipart({ name: "imageData", content: Buffer.alloc(9) });
const badForm = {
    body: Buffer.from("--xyz"),
    headers: { "content-type": "multipart/form-data; boundary=xyz" },
};
const image = (bytes: number) => ({ body: Buffer.alloc(bytes) });
const address = (path: string) => ({ body: JSON.stringify({ url: `http://a.example${path}` }) });
const chunks = (bytes: number) => ({ body: new Blob([Buffer.alloc(bytes)]), duplex: "half" });

/** Posts a body; a blob goes in chunks. */
function post(url: string, request: object): Promise<Response> {
    const { body } = request as { body: unknown };
    const sent = body instanceof Blob ? body.stream() : body;
    return fetch(url, { method: "POST", ...request, body: sent } as RequestInit);
}

describe("whoever was let in", () => {
    const cases: [string, string, object, number, number[]][] = [
        ["an image that is classified", "/image", image(9), 200, [9]],
        ["an image in a form", "/image", form, 200, [form.body.length]],
        ["an image in chunks", "/image", chunks(9), 200, [4 * MB]],
        ["an image of the cloud's clients", `${CLOUD}/image`, image(9), 200, [9]],
        ["an image at an address", "/url", address("/image"), 200, [4 * MB, 4 * MB]],
        ["a broken form", `${CLOUD}/image`, badForm, 400, []],
        ["an image that is too large", `${CLOUD}/image`, image(4 * MB + 1), 400, []],
        ["chunks that are too many", `${CLOUD}/image`, chunks(4 * MB + 1), 400, []],
        ["an image on which the model fails", `${CLOUD}/image`, image(3), 500, [3]],
        ["an image that no worker gets to", `${CLOUD}/image`, image(4), 503, [4]],
        ["no address", `${CLOUD}/url`, image(9), 400, []],
        ["an address where nothing is", `${CLOUD}/url`, address("/none"), 400, [4 * MB]],
        ["rows", "/score", image(9), 200, [9]],
        ["rows in chunks", "/p/score", chunks(9), 200, [10 * MB]],
        ["too many rows", "/score", image(10 * MB + 1), 413, []],
        ["rows on which the model fails", "/score", image(3), 500, [3]],
    ];
    test.each(cases)(
        "with %s counts while it is inside, and no longer",
        async (_name, path, request, status, bytes) => {
            const { url, admission, seen, close } = await open();
            // A place that is not given back keeps the second one out.
            for (const _ of [1, 2]) {
                const response = await post(url + path, request);
                expect(response.status).toBe(status);
                await response.text();
            }
            expect(seen).toEqual(
                [...bytes, ...bytes].map((one) => ({ requests: 1, bytes: one, slowBytes: 0 })),
            );
            expect(admission.state()).toEqual(EMPTY);
            await close();
        },
    );

    test.each([
        ["before its body has come", "/image", 9, "x"],
        ["before its rows have come", "/score", 9, "x"],
        ["while it is classified", "/image", 1, "x"],
        ["while its rows are scored", "/score", 1, "x"],
        ["while its image is fetched", "/url", 25, '{"url":"http://a.example"'],
    ])("and leaves %s makes room for the next", async (_name, path, length, text) => {
        const gone: AbortSignal[] = [];
        const untilGone = (signal?: AbortSignal) =>
            new Promise<never>((_, reject) => {
                gone.push(signal as AbortSignal);
                signal?.addEventListener("abort", () => reject(clientGone()));
            });
        const { port, admission, logs } = await listening({
            classifyFor: (_image, _names, signal) => untilGone(signal),
            scoreFor: (_body, _names, signal) => untilGone(signal),
            fetchImage: (_url, signal) => untilGone(signal),
        });
        const client = dial(port);
        const body = path === "/url" ? `${text}}` : text;
        client.send(postHead(path, path === "/url" ? body.length : length) + body);
        await until("the request inside or gone", () =>
            length === 9 ? admission.state().requests === 1 : gone.length === 1,
        );
        client.socket.destroy();
        await until(
            "its place to be free",
            () => logs.some(({ status }) => status === 499) && admission.state().requests === 0,
        );
        expect(admission.state()).toEqual(EMPTY);
        expect(gone.every(({ aborted }) => aborted)).toBe(true);
    });

    test("is told by a signal that fires only if it leaves", async () => {
        const signals: (AbortSignal | undefined)[] = [];
        const { url } = await listening({
            classifyFor: async (_image, _names, signal) => {
                signals.push(signal);
                return [{ label: "any", probability: 1 }];
            },
        });
        await (
            await fetch(`${url}/image`, { method: "POST", body: "x", headers: { connection: "close" } })
        ).text();
        await until("the line of the request", () => services[0]?.logs.length === 1);
        expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    });
});

describe("memory of bodies", () => {
    test.each([
        ["is given back where the image is another one", "/image", form, 1],
        ["is given back where the image was fetched", "/url", address("/image"), 1],
        ["goes to the worker where it is the image", "/image", image(9), 0],
    ])("%s", async (_name, path, request, times) => {
        const { url, given, close } = await open();
        await (await post(url + path, request)).text();
        expect(given).toHaveLength(times);
        await close();
    });
});

describe("who is refused for want of room", () => {
    test.each(["/image", "/p/url", `${CLOUD}/image`, `${CLOUD}/url`, "/score"])(
        "is told when to come back: %s",
        async (path) => {
            const { url, close } = await open({}, { maxRequests: 0, maxBytes: MB });
            const response = await fetch(url + path, { method: "POST", body: "x" });
            expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
            expect(await response.text()).toContain("there is too much to do already");
            await close();
        },
    );

    test("is not who says that it has more than anybody may send: that has another answer", async () => {
        const { url, close } = await open({}, { maxRequests: 1, maxBytes: 10 * MB });
        const tooLarge = await fetch(`${url}${CLOUD}/image`, { method: "POST", body: Buffer.alloc(11 * MB) });
        expect([tooLarge.status, await tooLarge.json()]).toMatchObject([
            400,
            { code: "BadRequestImageSizeBytes" },
        ]);
        await close();
    });
});

async function listening(parts: Partial<AppParts>) {
    const service = await open(parts);
    services.push(service);
    return { ...service, port: Number(new URL(service.url).port) };
}
