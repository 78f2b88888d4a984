import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { document } from "../support/projectCopy";
import { until } from "../support/waiting";
import { type LocalStack, localStack } from "./localStack";
import { type Mistake, refusal, refusedUp, takePort } from "./refusals";

// One copy of the project, broken and mended in turn; the genuine engine refuses, and from a refusal there is a way back to
// a stack that stands.
let stack: LocalStack;

beforeAll(async () => {
    stack = await localStack();
    document(await stack.project.edge("local", "start", "--json"));
});
afterAll(() => stack?.project.remove());

test.each<[title: string, ...Mistake, sentence: RegExp]>([
    [
        "an unknown config key",
        "Pulumi.local.yaml",
        (text) => `${text}  edge-classifier:colour: red\n`,
        /Expected config keys to be among .* found `colour`/,
    ],
    [
        "compiled code older than its source",
        "classifier/src/predictions.ts",
        (text) => `${text}\n`,
        /Expected classifier\/dist to be compiled from the present sources/,
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
        "labels that do not match the model's output",
        "classifier/model/labels.txt",
        () => "ripe\nunripe\nrotten\n",
        /Expected 2 labels for the 2 scores of .* found 3/,
    ],
])("%s is refused before anything is created", async (_, file, change, sentence) => {
    const { exitCode, text } = await refusedUp(stack.project, [file, change]);
    expect(text).toMatch(sentence);
    expect(exitCode).toBe(1);
    expect(await stack.status()).toMatchObject({ hub: null, registry: null, devices: [] });
});

test("a second up at the same time is refused; one that was killed does not stand in the way of the next", async () => {
    const first = stack.project.startEdge("local", "up");
    await lockHolder();
    const { exitCode, text } = await refusal(stack.project, "local", "up");
    expect(text).toMatch(/Expected no other update of the stack "local", found one in process \d+/);
    expect(exitCode).toBe(1);

    process.kill(await lockHolder(), "SIGKILL");
    await new Promise((resolve) => first.once("exit", resolve));
    expect(Object.keys((await stack.up()).changes)).not.toContain("delete");
    expect(await stack.previewedChanges()).toEqual([]);
});

test("a taken port fails the check with the cause, and freeing it is enough", async () => {
    const { port, free } = await takePort(stack.project);
    const { exitCode, text } = await refusal(stack.project, "local", "up");
    expect(text).toMatch(new RegExp(`needs port ${port} on 127\\.0\\.0\\.1, which another program uses`));
    expect(exitCode).toBe(4);
    await free();
    await stack.up();
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
});

/** The engine's process of the update that holds the stack's lock, as soon as there is one. */
function lockHolder(): Promise<number> {
    const locks = join(
        stack.project.folder,
        ".local/stacks/local/state/.pulumi/locks/organization/edge-classifier/local",
    );
    return until("an update to take the lock", () => {
        const [name] = existsSync(locks) ? readdirSync(locks) : [];
        return name && JSON.parse(readFileSync(join(locks, name), "utf8")).pid;
    });
}

test("a store of another version is refused with the way out, which works", async () => {
    const { project } = stack;
    document(await project.edge("local", "stop", "--json"));
    const path = join(project.folder, ".local/stacks/local/azure/store");
    const store = open({ path, encoding: "json" });
    await store.put(["store", "version"], 999);
    await store.close();
    const { exitCode, text } = await refusal(project, "local", "start");
    expect(text).toMatch(/has version 999.*npm run edge -- local reset/);
    expect(exitCode).toBe(1);
    document(await project.edge("local", "reset", "--json"));
    document(await project.edge("local", "start", "--json"));
});
