import { join } from "node:path";
import { open } from "lmdb";
import { document } from "../support/projectCopy";
import { type LocalStack, localStack } from "./localStack";
import { type Mistake, refusal, refusedUp, takePort } from "./refusals";

// One copy of the project, broken and mended in turn; the genuine engine refuses. More of it in badInput.long.test.ts.
let stack: LocalStack;

beforeAll(async () => {
    stack = await localStack();
    document(await stack.project.edge("local", "start", "--json"));
});
afterAll(() => stack?.project.remove());

describe("what is refused before anything is created", () => {
    test.each<Mistake>([
        [
            "an unknown config key",
            "Pulumi.local.yaml",
            (text) => `${text}  edge-classifier:colour: red\n`,
            /Expected config keys to be among .* found `colour`/,
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
    ])("%s", async (...mistake) => {
        const { exitCode, text } = await refusedUp(stack.project, mistake);
        expect(text).toMatch(mistake[3]);
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
});

test("a taken port fails the check with the cause", async () => {
    const { port, free } = await takePort(stack.project);
    const { exitCode, text } = await refusal(stack.project, "local", "up");
    expect(text).toMatch(new RegExp(`needs port ${port} on 127\\.0\\.0\\.1, which another program uses`));
    expect(exitCode).toBe(4);
    await free();
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
