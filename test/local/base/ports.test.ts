import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeAtOnce, listenLocally } from "../../../local/base/listen";
import { claimPort, releasePorts, stackPorts } from "../../../local/base/ports";
import { openStore } from "../../../local/base/store";
import { freePort } from "../../support/freePort";

let folder: string;
let claims: string;
let first: number;
beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ports-"));
    claims = join(folder, "claims");
    first = await freePort();
    for (const stack of ["one", "two"]) mkdirSync(join(folder, stack));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claim = (stack: string, what: string) =>
    claimPort(claims, { stackFolder: join(folder, stack), what }, first);
const claimed = () => (existsSync(claims) ? readdirSync(claims).map(Number) : []);

test("a port is claimed once, from the first one on, by whatever stack", async () => {
    const ports = [await claim("one", "hub"), await claim("two", "hub"), await claim("one", "registry")];
    expect(new Set(ports).size).toBe(3);
    expect(ports).toEqual([...ports].sort((a, b) => a - b));
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(first);
    expect(claimed().sort()).toEqual([...ports].sort());
});

test("a port that somebody listens on is passed over", async () => {
    const server = createServer();
    await listenLocally(server, first, "Another program");
    expect(await claim("one", "hub")).toBeGreaterThan(first);
    await closeAtOnce(server);
});

test("the claim of a stack that is gone counts for nothing, one that is being written is somebody's", async () => {
    const port = await claim("one", "hub");
    rmSync(join(folder, "one"), { recursive: true });
    expect(await claim("two", "hub")).toBe(port);
    releasePorts(claims, join(folder, "two"));
    writeFileSync(join(claims, String(port)), "{");
    expect(await claim("two", "hub")).toBeGreaterThan(port);
});

test("a stack gives back its own ports, all or those of one thing", async () => {
    const [hub, registry, other] = [
        await claim("one", "hub"),
        await claim("one", "registry"),
        await claim("two", "hub"),
    ];
    releasePorts(claims, join(folder, "one"), "hub");
    expect(claimed().sort()).toEqual([registry, other].sort());
    expect(await claim("two", "registry")).toBe(hub);
    releasePorts(claims, join(folder, "one"));
    expect(claimed().sort()).toEqual([hub, other].sort());
});

test("a stack remembers the port of each thing until it is given back", async () => {
    const store = openStore(join(folder, "store"));
    const ports = () => stackPorts(store, claims, join(folder, "one"));
    const hub = await ports().of("hub", first);
    expect(await ports().of("registry", first)).not.toBe(hub);
    expect(await ports().of("hub", first + 500)).toBe(hub);
    ports().release("hub");
    ports().release("nothing");
    expect(claimed()).not.toContain(hub);
    expect(await ports().of("hub", first)).toBe(hub);
    await store.close();
});
