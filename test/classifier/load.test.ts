import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync } from "node:zlib";
import { until } from "../support/waiting";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { pngFile } from "./support/pngFile";
import { dial, type Outcome, postHead, type RawClient } from "./support/rawClient";
import { FAULTS, finish, type ServiceProcess, startService, stopServices } from "./support/serviceProcess";

const SENTENCE = "Error processing image";
const CLOUD = "/customvision/v3.0/Prediction/p/classify/iterations/i/image";

let MODEL_DIR: string;
let red: Buffer;
beforeAll(async () => {
    MODEL_DIR = await colourModelFolder();
    red = await pngOf([255, 0, 0]);
});
// This also stops the services of a test that failed half-way.
afterAll(stopServices);

/** A red image that makes the worker fail that gets it. */
const faulty = (mark: string) => Buffer.concat([red, Buffer.from(mark)]);

/** Settings with which images marked `<held>` keep their worker until they are released. */
async function heldImages() {
    const HOLD_FILE = join(await folderOf({ "hold.txt": "" }), "hold.txt");
    return {
        settings: { HOLD_FILE, DEADLINE_SECONDS: "120", DRAIN_SECONDS: "60" },
        release: () => rmSync(HOLD_FILE),
    };
}

interface Answer {
    status: number;
    text: string;
    retryAfter: string | null;
}

async function post(
    { url }: ServiceProcess,
    image: Buffer | ReadableStream,
    path = "/image",
): Promise<Answer> {
    const response = await fetch(url + path, {
        method: "POST",
        body: image,
        headers: { "content-type": "application/octet-stream" },
        duplex: "half",
    } as RequestInit);
    return {
        status: response.status,
        text: await response.text(),
        retryAfter: response.headers.get("retry-after"),
    };
}

const isRed = ({ status, text }: Answer) =>
    status === 200 && JSON.parse(text).predictions[0].probability > 0.98;
const ready = async ({ url }: ServiceProcess) => (await fetch(`${url}/ready`)).status;
const readyWorkers = async ({ url }: ServiceProcess) =>
    Number(/^classifier_workers_ready (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
const errorsIn = ({ logs }: ServiceProcess) => logs.filter(({ level }) => level === "error");

describe("a service with two workers", () => {
    let service: ServiceProcess;
    beforeAll(async () => {
        service = await startService({ MODEL_DIR, ...FAULTS, WORKERS: "2", MAX_REQUESTS: "40" });
    });
    // It answers from the first worker on, and after a crash while another starts.
    beforeEach(() => until("both workers", async () => (await readyWorkers(service)) === 2));

    test.each([
        ["ends", "<exit>", "/image", SENTENCE],
        [
            "throws",
            "<throw>",
            CLOUD,
            '{"code":"ErrorPrediction","message":"The model failed on this image."}',
        ],
    ])("stays ready when a worker %s, and answers everybody", async (_how, mark, path, sentence) => {
        const before = errorsIn(service).length;
        const seenReady: number[] = [];
        const [lost, ...others] = await Promise.all([
            post(service, faulty(mark), path),
            ...Array.from({ length: 12 }, async (_, index) => {
                await sleep(index * 20);
                seenReady.push(await ready(service));
                return post(service, red, path);
            }),
        ]);
        expect(lost).toMatchObject({ status: 500, text: sentence });
        // The one that the worker was to do next is lost with it.
        const alsoLost = others.filter(({ status }) => status === 500);
        expect(alsoLost.length).toBeLessThanOrEqual(1);
        expect(others.filter(isRed)).toHaveLength(12 - alsoLost.length);
        expect(new Set(seenReady)).toEqual(new Set([200]));
        expect(errorsIn(service)[before]).toMatchObject({ event: "worker gone" });
        expect(await Promise.all([red, red, red].map((image) => post(service, image).then(isRed)))).toEqual([
            true,
            true,
            true,
        ]);
    });

    test("refuses a bomb of 16 000 by 16 000 pixels by its head, and keeps its memory", async () => {
        const rows = deflateSync(Buffer.alloc(16_000 * 2001));
        const bomb = pngFile({ width: 16_000, height: 16_000, bitDepth: 1, colourType: 0, data: rows });
        expect(bomb.length).toBeLessThan(100_000);
        const before = residentMegabytes(service);
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(service, bomb, CLOUD)));
        for (const { status, text } of answers) {
            expect([status, JSON.parse(text)]).toEqual([
                400,
                {
                    code: "BadRequestImageFormat",
                    message: expect.stringContaining("at most 50000000 pixels"),
                },
            ]);
        }
        expect(await post(service, bomb)).toMatchObject({ status: 500, text: SENTENCE });
        // Decoded, one would take 256 MB.
        expect(residentMegabytes(service) - before).toBeLessThan(100);
        expect(isRed(await post(service, red))).toBe(true);
    });

    test("gets over clients that reset the connection in the middle of a body", async () => {
        const before = errorsIn(service).length;
        // More than may be inside at a time, so that a place that is not given back would be missed.
        for (let round = 0; round < 5; round++) {
            const clients = Array.from({ length: 15 }, () => dial(service.port));
            for (const client of clients) {
                client.send(postHead("/image", 100_000));
                client.send(red);
            }
            await sleep(50);
            for (const client of clients) {
                client.socket.resetAndDestroy();
            }
            await Promise.all(clients.map(({ closed }) => closed));
        }
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(service, red)));
        expect(answers.filter(isRed)).toHaveLength(20);
        expect(errorsIn(service).slice(before)).toEqual([]);
        expect(service.logs).toContainEqual(
            expect.objectContaining({ code: "ClientClosedRequest", level: "info" }),
        );
    });
});

function residentMegabytes({ process }: ServiceProcess): number {
    const status = `/proc/${process.pid}/status`;
    // Only Linux tells how much memory a process has; elsewhere the service's answers are all there is.
    return existsSync(status) ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1]) / 1024 : 0;
}

test("a full service tells whoever comes to come back, each in its dialect, and answers all it has let in", async () => {
    const hold = await heldImages();
    const service = await startService({
        MODEL_DIR,
        ...FAULTS,
        ...hold.settings,
        WORKERS: "1",
        MAX_REQUESTS: "4",
    });
    const inside = Array.from({ length: 4 }, () => post(service, faulty("<held>")));
    const large = Buffer.alloc(2 * 1024 * 1024);
    await until("a full service", async () => (await post(service, large)).status === 503);

    const container = await Promise.all([
        post(service, red),
        post(service, large),
        post(service, large, "/p/classify/iterations/i/image/nostore"),
        post(service, Buffer.from('{"url":"http://192.0.2.1/"}'), "/url"),
        post(service, new Blob([large]).stream()),
    ]);
    for (const { status, text, retryAfter } of container) {
        expect([status, retryAfter, text]).toEqual([
            503,
            "1",
            expect.stringMatching(/^Expected .*\. Try again\.$/),
        ]);
    }
    const cloud = await post(service, large, CLOUD);
    expect(cloud).toMatchObject({ status: 503, retryAfter: "1" });
    expect(JSON.parse(cloud.text)).toEqual({ code: "ServiceUnavailable", message: expect.any(String) });

    // One that asks before it sends is told without having sent anything; one that sends all first gets to read it.
    const polite = dial(service.port);
    polite.send(postHead("/image", large.length, "Expect: 100-continue"));
    let encouraged = false;
    void polite.continued.then(() => {
        encouraged = true;
    });
    expect(await polite.closed).toMatchObject({ status: 503 });
    expect(encouraged).toBe(false);
    const blunt = Array.from({ length: 10 }, () => dial(service.port));
    for (const client of blunt) {
        client.send(postHead("/image", large.length));
        client.send(large);
    }
    const outcomes = await Promise.all(blunt.map(({ closed }) => closed));
    expect(outcomes.map(({ status }) => status)).toEqual(blunt.map(() => 503));
    expect(outcomes[0]?.head).toMatch(/^Connection: close$/im);

    // A flood waits for its answers; who leaves meanwhile is not missed.
    const flood = Array.from({ length: 150 }, () => dial(service.port));
    for (const client of flood) {
        client.send(postHead("/image", large.length));
        client.send(large);
    }
    flood.at(-1)?.socket.destroy();
    const refusals = await Promise.all(flood.slice(0, -1).map(({ closed }) => closed));
    expect(refusals.filter(({ status, head }) => status !== 503 || !/^Retry-After: 1$/im.test(head))).toEqual(
        [],
    );

    expect(await (await fetch(`${service.url}/health`)).json()).toEqual({ status: "alive" });
    hold.release();
    expect((await Promise.all(inside)).map(isRed)).toEqual([true, true, true, true]);
    expect(isRed(await post(service, red))).toBe(true);
});

describe("a service with time limits", () => {
    let service: ServiceProcess;
    beforeAll(async () => {
        service = await startService({
            MODEL_DIR,
            WORKERS: "2",
            HEADERS_TIMEOUT_SECONDS: "1",
            REQUEST_TIMEOUT_SECONDS: "2.5",
            DRAIN_SECONDS: "0.5",
        });
    });

    test("closes 100 slow clients, and answers the others meanwhile", async () => {
        const slow = Array.from({ length: 100 }, (_, index) => {
            const client = dial(service.port);
            const head = postHead("/image", 100_000);
            client.send(index % 2 === 0 ? head.slice(0, -2) : head);
            return client;
        });
        const outcomes = Promise.all(slow.map(trickle));
        const answers: Answer[] = [];
        while (slow.some(({ socket }) => !socket.destroyed)) {
            answers.push(await post(service, red));
            await sleep(20);
        }
        // For a moment the slow ones had all places; then they were put aside.
        expect(errorsIn(service)).toEqual([]);
        const refused = answers.findLastIndex(({ status }) => status === 503);
        expect(refused).toBeLessThan(answers.length / 2);
        expect(answers.slice(refused + 1).filter((answer) => !isRed(answer))).toEqual([]);
        const statuses = (await outcomes).map(({ status }) => status);
        const [heads, bodies] = [0, 1].map((half) => statuses.filter((_, index) => index % 2 === half));
        expect(new Set(heads)).toEqual(new Set([408]));
        // Those that came while all places were taken were told so; the others had their time.
        expect(new Set(bodies)).toEqual(new Set([503, 408]));
    });

    test("closes connections that say nothing", async () => {
        const silent = dial(service.port);
        expect((await silent.closed).closed).toBe(true);
    });

    test("ends with 0 on SIGTERM even if a client never finishes, and says so", async () => {
        const stalled = dial(service.port);
        stalled.send(postHead("/image", 1000, "Expect: 100-continue"));
        await stalled.continued;
        service.process.kill("SIGTERM");
        expect((await finish(service.process)).code).toBe(0);
        expect((await stalled.closed).status).toBeUndefined();
        expect(service.logs).toContainEqual(
            expect.objectContaining({ level: "warn", event: "stopped before all was answered" }),
        );
    });
});

async function trickle({ send, closed, socket }: RawClient): Promise<Outcome> {
    const timer = setInterval(() => !socket.destroyed && send("x"), 200);
    return closed.finally(() => clearInterval(timer));
}

test("on SIGTERM under load everything that was let in is answered", async () => {
    const hold = await heldImages();
    const service = await startService({
        MODEL_DIR,
        ...FAULTS,
        ...hold.settings,
        WORKERS: "2",
        MAX_REQUESTS: "40",
    });
    const images = Array.from({ length: 30 }, (_, index) => (index < 3 ? faulty("<held>") : red));
    const clients = images.map((image) => {
        const client = dial(service.port);
        client.send(postHead("/image", image.length, "Expect: 100-continue"));
        return client;
    });
    await Promise.all(clients.map(({ continued }) => continued));
    // Half of them are worked on or wait, the others are still to come, when the signal arrives.
    clients.forEach((client, index) => {
        client.send(images[index]?.subarray(0, index % 2 === 0 ? undefined : 10) ?? "");
    });
    const ended = finish(service.process);
    service.process.kill("SIGTERM");
    await until("the end of the listener", () =>
        fetch(`${service.url}/health`).then(
            () => false,
            () => true,
        ),
    );
    clients.forEach((client, index) => {
        client.send(images[index]?.subarray(index % 2 === 0 ? Number.POSITIVE_INFINITY : 10) ?? "");
    });
    hold.release();
    const outcomes = await Promise.all(clients.map(({ answer }) => answer));
    expect(outcomes.map(({ status }) => status)).toEqual(images.map(() => 200));
    expect((await ended).code).toBe(0);
    expect(errorsIn(service)).toEqual([]);
});

describe("a service that looks after itself", () => {
    let service: ServiceProcess;
    let BREAK_FILE: string;
    beforeAll(async () => {
        BREAK_FILE = join(await folderOf({}), "broken");
        service = await startService({
            MODEL_DIR,
            ...FAULTS,
            BREAK_FILE,
            WORKERS: "1",
            DEADLINE_SECONDS: "2",
            SELF_CHECK_SECONDS: "0.5",
        });
    });

    test("gives up a worker that is stuck, tells whoever waited for it, and goes on", async () => {
        expect(await post(service, faulty("<hang>"), CLOUD)).toMatchObject({
            status: 504,
            text: expect.stringContaining('"code":"Timeout"'),
        });
        await until("another worker", async () => isRed(await post(service, red)));
        expect(errorsIn(service)).toMatchObject([
            { event: "worker gone", message: expect.stringContaining("in time") },
        ]);
    });

    test("ends with the cause when it can no longer classify, so that it is started again", async () => {
        const ended = finish(service.process);
        writeFileSync(BREAK_FILE, "");
        expect(await post(service, red)).toMatchObject({ status: 500, text: SENTENCE });
        expect((await ended).code).toBe(1);
        expect(service.logs.at(-1)).toMatchObject({
            level: "error",
            event: "service broken",
            message: expect.stringContaining("the network is broken"),
        });
    });
});
