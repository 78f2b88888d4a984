import { join } from "node:path";
import { open } from "lmdb";
import { document } from "../support/projectCopy";
import { type LocalStack, localStack } from "./localStack";
import { refusal, refusedUp } from "./refusals";

// One copy of the project, broken and mended in turn; the genuine engine refuses. More of it in badInput.long.test.ts.
let stack: LocalStack;

beforeAll(async () => {
    stack = await localStack();
    document(await stack.project.edge("local", "start", "--json"));
});
afterAll(() => stack?.project.remove());

test("labels that do not match the model's output are refused before anything is created", async () => {
    const { exitCode, text } = await refusedUp(stack.project, [
        "classifier/model/labels.txt",
        () => "ripe\nunripe\nrotten\n",
    ]);
    expect(text).toMatch(/Expected 2 labels for the 2 scores of .* found 3/);
    expect(exitCode).toBe(1);
    expect(await stack.status()).toMatchObject({ hub: null, registry: null, devices: [] });
});

test.each<[string[], RegExp]>([
    [["local", "up", "--stack", "Not A Stack"], /Expected a stack name of 1 to 40 lower-case letters/],
    [["local", "up", "--stack", "dev"], /found Pulumi\.dev\.yaml of a stack that is not local/],
    [["local", "up", "--colour"], /unknown option '--colour'/],
    [["locale"], /unknown command 'locale'/],
])("wrong usage: edge %j", async (args, sentence) => {
    const { exitCode, text } = await refusal(stack.project, ...args);
    expect(text).toMatch(sentence);
    expect(exitCode).toBe(2);
});

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
