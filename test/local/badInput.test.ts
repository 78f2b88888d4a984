import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { open } from "lmdb";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// One copy of the project, broken and mended in turn; the genuine engine refuses, and converges when it is mended.
let project: ProjectCopy;

beforeAll(async () => {
    project = await copyProject();
    document(await project.edge("local", "start", "--json"));
});
afterAll(() => project?.remove());

const place = (path: string) => join(project.folder, path);

async function refusal(...command: string[]): Promise<{ exitCode: number; text: string }> {
    const { exitCode, stdout, stderr } = await project.edge(...command);
    return { exitCode, text: `${stdout}\n${stderr}` };
}

/** Changes a file, runs `work`, and puts the file back. */
async function withFile<T>(
    path: string,
    change: (text: string) => string | undefined,
    work: () => Promise<T>,
): Promise<T> {
    const file = place(path);
    const before = readFileSync(file);
    const changed = change(before.toString("latin1"));
    if (changed === undefined) rmSync(file);
    else writeFileSync(file, changed, "latin1");
    try {
        return await work();
    } finally {
        writeFileSync(file, before);
    }
}

describe("what is refused before anything is created", () => {
    test.each<[string, string, (text: string) => string | undefined, RegExp]>([
        [
            "an unknown config key",
            "Pulumi.local.yaml",
            (text) => `${text}  edge-classifier:colour: red\n`,
            /Expected config keys to be among .* found `colour`/,
        ],
        [
            "a bad config value",
            "Pulumi.local.yaml",
            (text) => text.replace("check: http", "check: maybe"),
            /Expected config `check` to be http or reported or none, found "maybe"/,
        ],
        [
            "a missing model",
            "classifier/model/model.onnx",
            () => undefined,
            /Expected model\.onnx in classifier\/model/,
        ],
        [
            "a model that is not ONNX",
            "classifier/model/model.onnx",
            () => "not a network",
            /Expected an ONNX model in classifier\/model\/model\.onnx/,
        ],
        [
            "labels that do not match the output",
            "classifier/model/labels.txt",
            () => "ripe\nunripe\nrotten\n",
            /Expected 2 labels for the 2 scores of .* found 3/,
        ],
        [
            "compiled code older than its source",
            "classifier/src/predictions.ts",
            (text) => `${text}\n`,
            /Expected classifier\/dist to be compiled from the present sources/,
        ],
    ])("%s", async (_, file, change, sentence) => {
        const { exitCode, text } = await withFile(file, change, () => refusal("local", "up"));
        expect(text).toMatch(sentence);
        expect(exitCode).toBe(1);
        expect(document(await project.edge("local", "status", "--json"))).toMatchObject({
            hub: null,
            registry: null,
            devices: [],
        });
    });

    test.each<[string[], RegExp]>([
        [["local", "up", "--stack", "Not A Stack"], /Expected a stack name of 1 to 40 lower-case letters/],
        [["local", "up", "--stack", "dev"], /found Pulumi\.dev\.yaml of a stack that is not local/],
        [["local", "up", "--colour"], /unknown option '--colour'/],
        [["locale"], /unknown command 'locale'/],
    ])("wrong usage: edge %j", async (args, sentence) => {
        const { exitCode, text } = await refusal(...args);
        expect(text).toMatch(sentence);
        expect(exitCode).toBe(2);
    });
});

test("a second up at the same time is refused; one that was killed does not stand in the way of the next", async () => {
    const first = project.startEdge("local", "up");
    await lockAppears();
    const { exitCode, text } = await refusal("local", "up");
    expect(text).toMatch(/Expected no other update of the stack "local", found one in process \d+/);
    expect(exitCode).toBe(1);

    process.kill(await lockAppears(), "SIGKILL");
    await new Promise((resolve) => first.once("exit", resolve));
    const { changes } = document<{ changes: Record<string, number> }>(
        await project.edge("local", "up", "--json"),
    );
    expect(Object.keys(changes)).not.toContain("delete");
    expect(await previewedChanges()).toEqual([]);
});

test("a taken port fails the check with the cause, and freeing it is enough", async () => {
    const port = 38_080 + Math.floor(Math.random() * 1000);
    const config = place("Pulumi.local.yaml");
    const settings = readFileSync(config, "utf8")
        .replace(/hostPort: "\d+"/, `hostPort: "${port}"`)
        .replace(/checkTimeoutSeconds: "\d+"/, 'checkTimeoutSeconds: "3"');
    writeFileSync(config, settings);
    const taken = await listen(port);
    const { exitCode, text } = await refusal("local", "up");
    expect(text).toMatch(new RegExp(`needs port ${port} on 127\\.0\\.0\\.1, which another program uses`));
    expect(exitCode).toBe(4);

    await new Promise((resolve) => taken.close(resolve));
    writeFileSync(config, settings.replace('checkTimeoutSeconds: "3"', 'checkTimeoutSeconds: "60"'));
    document(await project.edge("local", "up", "--json"));
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
});

test("a store of another version is refused with the way out, which works", async () => {
    document(await project.edge("local", "stop", "--json"));
    const store = open({ path: place(".local/stacks/local/azure/store"), encoding: "json" });
    await store.put(["store", "version"], 999);
    await store.close();
    const { exitCode, text } = await refusal("local", "start");
    expect(text).toMatch(/has version 999.*npm run edge -- local reset/);
    expect(exitCode).toBe(1);
    document(await project.edge("local", "reset", "--json"));
    document(await project.edge("local", "start", "--json"));
});

async function previewedChanges(): Promise<string[]> {
    const { steps } = document<{ steps: { op: string; urn: string }[] }>(
        await project.edge("local", "preview", "--json"),
    );
    return steps.filter(({ op }) => op !== "same").map(({ urn }) => urn);
}

/** Waits until an update holds the stack's lock; answers the engine's process. */
async function lockAppears(): Promise<number> {
    const locks = place(".local/stacks/local/state/.pulumi/locks/organization/edge-classifier/local");
    for (let tries = 0; tries < 200; tries++) {
        const [name] = existsSync(locks) ? readdirSync(locks) : [];
        if (name) return JSON.parse(readFileSync(join(locks, name), "utf8")).pid;
        await sleep(50);
    }
    throw new Error("No update took the stack's lock within 10 s.");
}

function listen(port: number): Promise<Server> {
    const server = createServer();
    return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}
