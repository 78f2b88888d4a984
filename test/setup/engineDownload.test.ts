import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { downloadEngine } from "../../setup/engineDownload";
import { version } from "../../setup/engineVersion";
import { freePort } from "../support/freePort";

const archive = `pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`;
const checksums = `pulumi-${version}-checksums.txt`;

/** Answers each path as a test says; what is not said is 404. */
let answers: Map<string, (response: ServerResponse) => void>;
let server: Server;
let mirror: string;
let folder: string;
let asked: string[];
const lines: string[] = [];

beforeAll(async () => {
    server = createServer((request, response) => {
        asked.push(request.url ?? "");
        const answer = answers.get(request.url ?? "");
        if (answer) answer(response);
        else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
    server.closeAllConnections();
    server.close();
});
beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "edge-download-"));
    asked = [];
    lines.length = 0;
});
afterEach(() => {
    jest.useRealTimers();
    fs.rmSync(folder, { recursive: true });
});

/** An archive with these files, each with its own name in it. */
function packed(...files: string[]): Buffer {
    const content = path.join(folder, "content");
    for (const file of files) {
        fs.mkdirSync(path.dirname(path.join(content, file)), { recursive: true });
        fs.writeFileSync(path.join(content, file), file);
    }
    return execFileSync("tar", ["-C", content, "-czf", "-", "pulumi"]);
}

function serve(
    body: Buffer,
    list = `${createHash("sha256").update(body).digest("hex")}  ${archive}\n`,
): void {
    answers = new Map([
        [`/${checksums}`, (response) => void response.end(list)],
        [
            `/${archive}`,
            (response) => void response.writeHead(200, { "Content-Length": body.length }).end(body),
        ],
    ]);
}

function download({ at = mirror, signal = new AbortController().signal } = {}): Promise<string> {
    const work = path.join(folder, "work");
    fs.mkdirSync(work);
    const progress = { begin: jest.fn(), done: jest.fn(), say: jest.fn() };
    const env = { PATH: process.env.PATH, EDGE_PULUMI_MIRROR: at };
    return downloadEngine({ root: folder, env, progress, signal }, work, (line: string) => lines.push(line));
}

describe("Pulumi's own archive", () => {
    test.each([
        ["beside each other", ["pulumi/pulumi", "pulumi/pulumi-language-nodejs"]],
        ["in a folder bin", ["pulumi/bin/pulumi", "pulumi/bin/pulumi-language-nodejs"]],
    ])("may hold its programs %s", async (_, files) => {
        serve(packed(...files));
        const made = await download({ at: `${mirror}/` });
        expect(fs.readdirSync(path.join(made, "bin")).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
        // The mirror may be named with or without a slash.
        expect(asked).toEqual([`/${checksums}`, `/${archive}`]);
        expect(lines.at(-1)).toBe("0 of 0 MB");
    });

    test("is not even asked for where its checksum is another archive's", async () => {
        serve(packed("pulumi/pulumi"), `${"0".repeat(64)}  x${archive}\n${"0".repeat(64)}  ${archive}.sig\n`);
        await expect(download()).rejects.toThrow(`there is no ${archive} among the published checksums`);
        expect(asked).toEqual([`/${checksums}`]);
    });

    test("is found in a list with the line ends of Windows", async () => {
        const body = packed("pulumi/pulumi");
        serve(body, `${createHash("sha256").update(body).digest("hex")}  ${archive}\r\n`);
        expect(fs.existsSync(path.join(await download(), "bin/pulumi"))).toBe(true);
    });

    test.each([checksums, archive])(
        "is refused where the server refuses %s, with its status",
        async (file) => {
            for (const status of [403, 404, 429, 503]) {
                serve(packed("pulumi/pulumi"));
                answers.set(`/${file}`, (response) =>
                    response.writeHead(status, { "Retry-After": "1" }).end("no"),
                );
                await expect(download()).rejects.toThrow(`${new URL(mirror).host}: HTTP status ${status}`);
                fs.rmSync(path.join(folder, "work"), { recursive: true });
            }
        },
    );

    test("is refused where the download breaks off", async () => {
        const body = packed("pulumi/pulumi");
        serve(body);
        answers.set(`/${archive}`, (response) => {
            response.writeHead(200, { "Content-Length": body.length });
            response.write(body.subarray(0, 10), () => response.destroy());
        });
        await expect(download()).rejects.toThrow(/^127\.0\.0\.1:\d+: /);
        expect(fs.readdirSync(path.join(folder, "work"))).toEqual([archive]);
    });

    test.each([
        ["before it begins", checksums, 0, "no answer within 5 s"],
        ["half-way", archive, 10, "no answer within 20 s"],
    ])("is refused where the server falls silent %s", async (_, file, bytes, reason) => {
        const body = packed("pulumi/pulumi");
        serve(body);
        const silent = new Promise<void>((resolve) => {
            answers.set(`/${file}`, (response) => {
                if (bytes > 0) response.writeHead(200).write(body.subarray(0, bytes));
                resolve();
            });
        });
        // Only the clock that the download looks at; the network's own goes on.
        const { doNotFake } = fakeTimeouts;
        jest.useFakeTimers({ doNotFake });
        const refused = expect(download()).rejects.toThrow(`${new URL(mirror).host}: ${reason}`);
        await silent;
        while (bytes > 0 && lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
        jest.advanceTimersByTime(bytes > 0 ? 19_999 : 4_999);
        expect(jest.getTimerCount()).toBe(1);
        jest.advanceTimersByTime(1);
        await refused;
        expect(jest.getTimerCount()).toBe(0);
    });

    test("is left alone at once where somebody interrupts, who is not told of the server", async () => {
        serve(packed("pulumi/pulumi"));
        const interrupt = new AbortController();
        answers.set(`/${archive}`, () => interrupt.abort(new Error("interrupted by SIGINT")));
        await expect(download({ signal: interrupt.signal })).rejects.toThrow("interrupted by SIGINT");
    });

    test("is refused where nobody answers", async () => {
        answers = new Map();
        const port = await freePort();
        await expect(download({ at: `http://127.0.0.1:${port}` })).rejects.toThrow(
            new RegExp(`^127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`),
        );
    });
});

/** All that jest can fake but the timeouts. */
const fakeTimeouts = {
    doNotFake: [
        ...(["Date", "hrtime", "nextTick", "performance", "queueMicrotask"] as const),
        ...([
            "requestAnimationFrame",
            "cancelAnimationFrame",
            "requestIdleCallback",
            "cancelIdleCallback",
        ] as const),
        ...(["setImmediate", "clearImmediate", "setInterval", "clearInterval"] as const),
    ],
};
