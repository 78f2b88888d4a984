import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { openStore, type Store } from "../../../local/base/store";

let folder: string;
let store: Store;

beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "store-")), "store");
    store = openStore(folder);
});

afterEach(async () => {
    await store.close();
    rmSync(join(folder, ".."), { recursive: true, force: true });
});

test("a value is read back as it was written, as a copy, and undefined when there is none", () => {
    const things = store.collection<{ n: number; of: string[] }>("things");
    things.put("a", { n: 1, of: ["x"] });
    const read = things.get("a");
    expect(read).toEqual({ n: 1, of: ["x"] });
    read?.of.push("y");
    expect(things.get("a")).toEqual({ n: 1, of: ["x"] });
    expect(things.get("b")).toBeUndefined();
});

test("removing says whether there was something to remove", () => {
    const things = store.collection<number>("things");
    things.put("a", 1);
    expect([things.remove("a"), things.remove("a"), things.get("a")]).toEqual([true, false, undefined]);
});

test("entries are those of one collection that begin with the prefix, in order", () => {
    const things = store.collection<number>("things");
    store.collection<number>("thing").put("a/0", 9);
    store.collection<number>("things2").put("a/0", 9);
    for (const key of ["b", "a/2", "a/10", "a", "ä", "a/\u{1F34C}"]) things.put(key, key.length);
    expect(things.entries().map(([key]) => key)).toEqual(["a", "a/10", "a/2", "a/\u{1F34C}", "b", "ä"]);
    expect(things.entries("a/")).toEqual([
        ["a/10", 4],
        ["a/2", 3],
        ["a/\u{1F34C}", 4],
    ]);
    expect(things.entries("zz")).toEqual([]);
});

test("a transaction that throws leaves nothing behind, with what calls inside it wrote", () => {
    const things = store.collection<number>("things");
    things.put("a", 1);
    expect(() =>
        store.transaction(() => {
            things.put("a", 2);
            store.transaction(() => things.put("b", 2));
            expect(things.get("b")).toBe(2);
            throw new Error("no");
        }),
    ).toThrow("no");
    expect(things.entries()).toEqual([["a", 1]]);
});

test("what was written is there after closing and opening again, and only the owner may look", async () => {
    store.collection<string>("things").put("a", "kept");
    await store.close();
    store = openStore(folder);
    expect(store.collection<string>("things").get("a")).toBe("kept");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("a folder that was open to others before is closed to them", async () => {
    await store.close();
    chmodSync(folder, 0o755);
    store = openStore(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("what is read from a key on ends with its collection, and at the limit", () => {
    const things = store.collection<number>("things");
    store.collection<number>("thingy").put("c", 9);
    for (const key of ["a", "b", "c"]) things.put(key, 1);
    expect(things.from("b", 10).map(([key]) => key)).toEqual(["b", "c"]);
    expect(things.from("a", 2).map(([key]) => key)).toEqual(["a", "b"]);
    things.clear();
    expect([things.entries(), store.collection<number>("thingy").get("c")]).toEqual([[], 9]);
});

test("a process that is killed right after a write loses nothing", () => {
    const script = `
        const { openStore } = require("./local/base/store");
        openStore(process.argv[1]).collection("things").put("a", "kept");
        process.kill(process.pid, "SIGKILL");`;
    const killed = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", script, folder], { encoding: "utf8" });
    expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
    expect(store.collection<string>("things").get("a")).toBe("kept");
});

test("a store of another version is refused with the way out", async () => {
    await store.close();
    const raw = open({ path: folder, noSubdir: false, encoding: "json" });
    raw.putSync(["store", "version"], 99);
    await raw.close();
    expect(() => openStore(folder)).toThrow(/version 99.*version 1.*npm run edge -- local reset/);
});

test("something that is no store is refused with the way out", async () => {
    await store.close();
    writeFileSync(join(folder, "data.mdb"), "not a store at all".repeat(1000));
    expect(() => openStore(folder)).toThrow(/cannot be opened.*npm run edge -- local reset/);
});
