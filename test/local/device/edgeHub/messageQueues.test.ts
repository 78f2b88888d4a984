import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "../../../../local/base/store";
import {
    draftOf,
    type KeptMessage,
    keptMessage,
    messageQueues,
} from "../../../../local/device/edgeHub/messageQueues";

let folder: string;
let store: Store;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "queues-"));
    store = openStore(folder);
});
afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});

const open = () => messageQueues(store.collection<KeptMessage>("messages"));
const message = (text: string, expiresAt?: number) =>
    keptMessage("m", { body: Buffer.from(text), properties: {}, system: {} }, expiresAt);
function drained(
    queues: ReturnType<typeof open>,
    name: string,
    now = 0,
    how: "taken" | "kept" | "stop" = "taken",
) {
    const heard: string[] = [];
    queues.drain(name, now, (one) => {
        heard.push(draftOf(one).body.toString());
        return how;
    });
    return heard;
}

test("the lowest priority comes first, then the oldest, of one endpoint alone, also after a restart", () => {
    const first = open();
    for (const [text, priority] of [
        ["a", 10],
        ["b", 9],
        ["c", 2_000_000_000],
        ["d", 9],
    ] as const)
        first.add("m/in 1", priority, message(text));
    first.add("m/in", 0, message("other"));
    const again = open();
    again.add("m/in 1", 9, message("e"));
    expect(again.endpoints().sort()).toEqual(["m/in", "m/in 1"]);
    expect(drained(again, "m/in 1")).toEqual(["b", "d", "e", "a", "c"]);
    expect(again.endpoints()).toEqual(["m/in"]);
    expect(drained(again, "m/in 1")).toEqual([]);
});

test("what is kept waits behind what is taken, and after a stop nothing is looked at", () => {
    const queues = open();
    for (let n = 0; n < 120; n++) queues.add("$upstream", 1, message(String(n)));
    expect(drained(queues, "$upstream", 0, "kept")).toHaveLength(120);
    expect(drained(queues, "$upstream", 0, "stop")).toEqual(["0"]);
    expect(queues.endpoints()).toEqual(["$upstream"]);
    expect(drained(queues, "$upstream")).toHaveLength(120);
    expect(queues.endpoints()).toEqual([]);
});

test("a message is delivered until its time has passed, then dropped without being delivered", () => {
    const queues = open();
    for (const [text, expiresAt] of [
        ["now", 1000],
        ["past", 999],
        ["later", 1001],
        ["ever", undefined],
    ] as const)
        queues.add("$upstream", 1, message(text, expiresAt));
    expect(drained(queues, "$upstream", 1000, "kept")).toEqual(["now", "later", "ever"]);
    expect(drained(queues, "$upstream", 2000)).toEqual(["ever"]);
    expect(store.collection("messages").entries()).toEqual([]);
});

test("a message comes out as it was sent", () => {
    const draft = {
        body: Buffer.from([0, 255]),
        properties: { a: "b" },
        system: { messageId: "1" },
        output: "out",
    };
    expect(draftOf(keptMessage("m", draft, 5))).toEqual(draft);
    const { output: _none, ...plain } = draft;
    expect(draftOf(keptMessage("m", plain, undefined))).toEqual(plain);
    expect(keptMessage("m", plain, undefined)).not.toHaveProperty("expiresAt");
});
