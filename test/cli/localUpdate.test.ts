import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stackFolder } from "../../local/engine/stackFolder";
import { readRuntimeSettings } from "../../local/runtimeSettings";
import { project } from "./edge";
import { runCommand } from "./runCommand";

// What runs in the background has tests of its own; these are about what a command makes of an update.
let opening: Error | undefined;
jest.mock("../../local/localStack", () => ({
    openLocalStack: async () => {
        if (opening) throw opening;
        const endpoints = { pid: 4711, managementUrl: "https://localhost:8442" };
        return { endpoints, environment: { set: {}, unset: [] } };
    },
}));

const name = `test-update-${process.pid}`;
const stack = stackFolder(project, name, process.env);
const before = { ...process.env };
let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "edge-update-"));
    process.env.EDGE_PULUMI = folder;
    opening = undefined;
});
afterEach(() => {
    for (const variable of ["EDGE_PULUMI", "DOCKER_HOST", "EDGE_SETUP_MS"]) {
        if (before[variable] === undefined) delete process.env[variable];
        else process.env[variable] = before[variable];
    }
    rmSync(folder, { recursive: true });
    rmSync(stack.folder, { recursive: true, force: true });
});

const urn = (type: string, resource: string) => `urn:pulumi:${name}::edge-classifier::${type}::${resource}`;
const done = (op: string, resource: string, type = "iotedge:index:Device") => ({
    resOutputsEvent: { metadata: { op, type, urn: urn(type, resource) } },
});
const told = (severity: string, message: string, resource?: string) => ({
    diagnosticEvent: { severity, message, ...(resource && { urn: urn("iotedge:index:Device", resource) }) },
});
const outputs = (values: object) => ({
    resOutputsEvent: {
        metadata: {
            op: "same",
            type: "pulumi:pulumi:Stack",
            urn: urn("pulumi:pulumi:Stack", "s"),
            new: { outputs: values },
        },
    },
});
const summary = (resourceChanges: object) => ({ summaryEvent: { resourceChanges } });

/** An engine that tells these events, and ends as `exitCode` says. */
function fakePulumi(events: readonly object[], exitCode = 0): () => string[] {
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "events"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const script = `#!/bin/sh
echo "$*" >>"${folder}/calls"
case $1 in
    up | destroy) cat "${folder}/events"; [ ${exitCode} = 0 ] || { echo 'error: update failed' >&2; exit ${exitCode}; } ;;
    preview) exit ${exitCode} ;;
esac
`;
    writeFileSync(join(folder, "bin/pulumi"), script, { mode: 0o755 });
    return () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
}

const onStack = (...args: string[]) => runCommand(...args, "--stack", name);

describe("an update of the local stack", () => {
    test("answers with one document: what changed, and the outputs", async () => {
        const calls = fakePulumi([outputs({ deviceId: "d1", secret: {} }), summary({ create: 2, same: 1 })]);
        const { exitCode, stdout, stderr } = await onStack("local", "up", "--json");
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toEqual({
            stack: name,
            changes: { create: 2, same: 1 },
            outputs: { deviceId: "d1" },
        });
        expect(stderr).toMatch(/✔ Local Azure +process 4711, management on https:\/\/localhost:8442/);
        expect(calls().at(-1)).toMatch(new RegExp(`^up --stack ${name} `));
    });

    test("says in a line what was done to how many and to which, of the program's own, each once", async () => {
        fakePulumi([
            done("create", "hub"),
            done("create", "hub"),
            done("update", "deployment"),
            ...["same", "read", "refresh"].map((op) => done(op, `not-${op}`)),
            done("create", "not-a-provider", "pulumi:providers:iotedge"),
            done("delete", "old"),
            told("warning", "<{%fg 1%}>the key is old<{%reset%}>\n"),
            outputs({ deviceId: "d1" }),
            summary({ create: 1, update: 1, delete: 1, same: 3, replace: 1, import: 2 }),
        ]);
        const { exitCode, stdout, stderr } = await onStack("local", "up");
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
        expect(stdout).toContain(
            "1 created, 1 updated, 1 deleted, 3 unchanged, 1 replaced, 2 import: hub deployment old",
        );
        expect(stdout).toMatch(/^Warning: the key is old$/m);
        expect(stdout).toMatch(/^ {2}deviceId {13}d1$/m);
    });

    test("that changes nothing says so without names", async () => {
        fakePulumi([done("same", "hub"), outputs({}), summary({ same: 18 })]);
        expect((await onStack("local", "up")).stdout).toMatch(/✔ Pulumi up +18 unchanged +\d/);
    });

    test("takes everything away by destroy, of which there are no outputs", async () => {
        const calls = fakePulumi([summary({ delete: 18 })]);
        const { stdout, stderr } = await onStack("local", "destroy", "--json");
        expect(JSON.parse(stdout)).toEqual({ stack: name, changes: { delete: 18 } });
        expect(stderr).toMatch(/✔ Pulumi destroy +18 deleted/);
        expect(calls().at(-1)).toMatch(/^destroy /);
    });

    test.each([
        ["the check", "check", 4],
        ["anything else", "hub", 1],
        ["what is named like the check", "check2", 1],
    ])(
        "that fails at %s ends with the reasons, and with a code that tells them apart",
        async (_, resource, code) => {
            fakePulumi(
                [
                    told("error", "refused\n", resource),
                    told("error", "update failed"),
                    told("error", "", "other"),
                ],
                255,
            );
            const { exitCode, stdout, stderr } = await onStack("local", "up", "--json");
            expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
            expect(stderr).toMatch(/✘ Pulumi up/);
            expect(stderr.split("\n").at(-2)).toBe(`${resource}: refused`);
        },
    );

    test("that fails by the program tells that, without a resource", async () => {
        fakePulumi([told("error", "Expected config keys")], 255);
        const { exitCode, stderr } = await onStack("local", "up");
        expect([exitCode, stderr]).toEqual([1, "Expected config keys\n"]);
    });

    test("that fails before any event ends with what the engine wrote", async () => {
        fakePulumi([], 255);
        await expect(onStack("local", "up")).rejects.toThrow("error: update failed");
    });

    test("is not begun where the local Azure does not start", async () => {
        opening = new Error("no port is free");
        fakePulumi([]);
        await expect(onStack("local", "up")).rejects.toThrow("no port is free");
    });

    test.each(["up", "start", "preview", "env", "destroy"])(
        "local %s without an engine is wrong usage",
        async (word) => {
            delete process.env.EDGE_PULUMI;
            const { exitCode, stderr } = await onStack("local", word);
            expect([exitCode, stderr]).toEqual([
                2,
                expect.stringMatching(/^Expected EDGE_PULUMI to name the folder .* npm run edge -- …$/m),
            ]);
        },
    );

    test.each([
        [[], 0, "--diff"],
        [["--json"], 0, "--json"],
        [[], 1, "--diff"],
    ])("is previewed by Pulumi's own words: %j that end with %i", async (args, ends, form) => {
        const calls = fakePulumi([], ends);
        const { exitCode, stderr } = await onStack("local", "preview", ...args);
        expect(calls().at(-1)).toMatch(new RegExp(`^preview ${form} --stack ${name} --non-interactive$`));
        expect([exitCode, stderr]).toEqual([
            ends,
            ends === 0 ? "" : "The preview failed; the reason stands above.\n",
        ]);
    });
});

describe("what is said of the runtime", () => {
    test("is kept for the stack, option by option, and what is not said stays", async () => {
        fakePulumi([outputs({}), summary({})]);
        process.env.DOCKER_HOST = "tcp://engine:2375";
        await onStack("local", "up", "--runtime", "process", "--base-image", "base:1", "--faults", "hub=0.2");
        const first = readRuntimeSettings(stack.azure);
        expect(first).toEqual({
            runtime: "process",
            baseImage: "base:1",
            dockerHost: "tcp://engine:2375",
            faults: { plan: "hub=0.2", given: expect.stringMatching(/^\d{4}-.*Z$/) },
        });
        process.env.DOCKER_HOST = "";
        await onStack("local", "start", "--runtime", "container");
        expect(readRuntimeSettings(stack.azure)).toEqual({ ...first, runtime: "container" });
        await onStack("local", "destroy", "--faults", "dps=0.5");
        expect(readRuntimeSettings(stack.azure)).toMatchObject({
            runtime: "container",
            faults: { plan: "dps=0.5" },
        });
    });
});

describe("a first run", () => {
    const asked: { method: string; url: string; type: string; bytes: number }[] = [];
    /** Goes on by a second with each picture, where a test takes it for the time. */
    let clock = 0;
    let answer: { status: number; body: unknown };
    let server: Server;
    let url: string;
    beforeAll(async () => {
        server = createServer(async (request: IncomingMessage, response) => {
            const { method = "", url: path = "", headers } = request;
            const body = await text(request.setEncoding("latin1"));
            clock += 1_000;
            asked.push({ method, url: path, type: headers["content-type"] ?? "", bytes: body.length });
            response.writeHead(answer.status).end(JSON.stringify(answer.body));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server.close());
    beforeEach(() => {
        asked.length = 0;
        answer = {
            status: 200,
            body: {
                predictions: [
                    { tagName: "unripe", probability: 0.25 },
                    { tagName: "ripe", probability: 0.75 },
                ],
            },
        };
        fakePulumi([
            outputs({ hubHostName: "hub", deviceId: "d1", image: "i@sha256:1", classifierUrl: url }),
            summary({ create: 18 }),
        ]);
    });
    const size = (sample: string) => readFileSync(join(project, "samples", sample)).length;

    test("posts both samples as a client of the original container does, and tells the most probable label", async () => {
        process.env.EDGE_SETUP_MS = "100000";
        const now = jest.spyOn(performance, "now").mockImplementation(() => clock);
        const { exitCode, stdout } = await onStack("first-run", "--json");
        expect(exitCode).toBe(0);
        expect(asked).toEqual(
            ["spotted-banana.png", "clean-banana.png"].map((sample) => ({
                method: "POST",
                url: "/image",
                type: "application/octet-stream",
                bytes: size(sample),
            })),
        );
        const { timings, ...told } = JSON.parse(stdout);
        expect(told).toEqual({
            ...{ stack: name, hub: "hub", device: "d1", image: "i@sha256:1", url },
            predictions: [
                { file: "spotted-banana.png", tagName: "ripe", probability: 0.75 },
                { file: "clean-banana.png", tagName: "ripe", probability: 0.75 },
            ],
        });
        // The set-up was before the command, and counts; the second picture does not.
        expect(timings).toEqual({ setupMs: 100_000, upMs: 0, firstPredictionMs: 101_000 });
        now.mockRestore();
    });

    test("says where the module answers and how to go on", async () => {
        const { stdout } = await onStack("first-run");
        expect(stdout).toMatch(/✔ spotted-banana\.png +ripe +75\.0 % +\d+ ms/);
        expect(stdout).toContain(`--data-binary @samples/spotted-banana.png ${url}/image`);
        expect(stdout).toContain(`${url}/ui`);
    });

    test.each([
        [
            { status: 503, body: "busy" },
            /Expected http:\S+\/image to classify .*spotted-banana\.png, found 503: "busy"/,
        ],
        [{ status: 200, body: { predictions: [] } }, /Expected at least one prediction for .*, found none/],
    ])("fails with what the module answered: %j", async (given, sentence) => {
        answer = given;
        await expect(onStack("first-run", "--json")).rejects.toThrow(sentence);
    });
});
