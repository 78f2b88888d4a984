import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCertificates } from "../../../local/base/certificates";
import { openStore, type Store } from "../../../local/base/store";
import { type DataPlanes, dataPlanes } from "../../../local/planes/dataPlanes";
import type { Plane, PlaneSettings } from "../../../local/planes/plane";
import type { Planes } from "../../../local/planes/planeKinds";
import { refusals } from "../../../local/planes/registry/errors";
import { freePort } from "../../support/freePort";
import { within } from "../../support/waiting";

let folder: string;
let store: Store;
let planes: DataPlanes;
let events: string[];
const released: string[] = [];

/** A plane that notes what becomes of it. */
const noting = (kind: string): Plane<PlaneSettings> => ({
    title: kind,
    scheme: "http",
    async start({ name }) {
        events.push(`${kind} ${name} starts`);
        return {
            service: {
                name: kind,
                bodyLimit: 1,
                refusals,
                routes: [{ method: "GET", path: "/", handle: () => ({ status: 200, json: name }) }],
            },
            update: ({ name: changed }) => void events.push(`${kind} ${name} becomes ${changed}`),
            close: async () => void events.push(`${kind} ${name} closes`),
            forget: () => void events.push(`${kind} ${name} forgets`),
        };
    },
});

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "planes-"));
    store = openStore(folder);
    events = [];
    released.length = 0;
    let port = 0;
    const host = {
        store,
        folder,
        certificates: await localCertificates(store),
        ports: {
            of: async () => ++port,
            release: (what: string) => void released.push(what),
        },
        faultsOf: (name: string) => (name === "dps" ? () => "unavailable" as const : () => undefined),
    };
    const all = { hub: noting("hub"), dps: noting("dps"), registry: noting("registry") };
    planes = dataPlanes(all as unknown as Planes, host);
});
afterEach(async () => {
    await planes.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});

/** The port of the settings that were made last. */
let next: number;
async function settings(name: string, port?: number) {
    next = port ?? (await freePort());
    return { name, hostName: `localhost:${next}` } as never;
}
const status = async (port: number) =>
    (await fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: "close" } }).catch(() => undefined))
        ?.status;

test("a plane is opened once for a resource, in whatever letter case, and follows its changes", async () => {
    await planes.run("hub", "/Hubs/One", await settings("one"));
    await planes.run("hub", "/hubs/one", await settings("changed"));
    await planes.run("hub", "/hubs/two", await settings("two"));
    await planes.run("registry", "/registries/one", await settings("registry"));
    expect(events).toEqual([
        "hub one starts",
        "hub one becomes changed",
        "hub two starts",
        "registry registry starts",
    ]);
    expect(planes.hostNames("hub")).toHaveLength(2);
    expect(planes.hostNames("dps")).toEqual([]);
});

test("it is removed with what it remembers and its port, the others stay", async () => {
    await planes.run("hub", "/hubs/one", await settings("one"));
    const port = next;
    await planes.run("hub", "/hubs/two", await settings("two"));
    events.length = 0;
    await planes.remove("/HUBS/One");
    expect([events, released, planes.hostNames("hub").length]).toEqual([
        ["hub one closes", "hub one forgets"],
        ["/hubs/one"],
        1,
    ]);
    expect([await status(port), await status(next)]).toEqual([undefined, 200]);
    // What never ran has a port all the same.
    await planes.remove("/hubs/three");
    expect(released).toEqual(["/hubs/one", "/hubs/three"]);
});

test("the end of all closes each and forgets nothing, with the connections that are open", async () => {
    await planes.run("hub", "/hubs/one", await settings("one"));
    const client = connect(next, "127.0.0.1");
    await within("the connection", once(client, "connect"));
    client.on("error", () => {});
    const cut = once(client.resume(), "close");
    await within("the end", planes.close());
    await within("the cut", cut);
    expect(events).toEqual(["hub one starts", "hub one closes"]);
    expect(planes.hostNames("hub")).toEqual([]);
});

test("faults befall the planes of their name alone", async () => {
    await planes.run("dps", "/dps/one", await settings("one"));
    const dps = next;
    await planes.run("hub", "/hubs/one", await settings("one"));
    expect([await status(dps), await status(next)]).toEqual([503, 200]);
});

test("one whose port is taken does not run, and is closed", async () => {
    await planes.run("hub", "/hubs/one", await settings("one"));
    await expect(planes.run("hub", "/hubs/two", await settings("two", next))).rejects.toThrow(
        `The hub two needs port ${next}`,
    );
    expect(events.at(-1)).toBe("hub two closes");
    expect(planes.hostNames("hub")).toHaveLength(1);
});
