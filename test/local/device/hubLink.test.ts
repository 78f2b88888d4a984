import type { JsonObject } from "../../../local/base/mergePatch";
import { earliest } from "../../../local/device/clock";
import { keepHubLink } from "../../../local/device/hubLink";
import { workLoop } from "../../../local/device/workLoop";
import type { ModuleLink } from "../../../local/planes/hub/links/moduleLinks";
import { until } from "../../support/waiting";
import { testClock } from "./testClock";

/** A hub that lets in or refuses as the test says, and the links that it gave. */
function testHubLink(reported: JsonObject = {}) {
    const clock = testClock();
    const log: string[] = [];
    const events: string[] = [];
    const reports: JsonObject[] = [];
    const links: { cut(reason: string): void; desire(): void; isClosed: boolean; methods: number }[] = [];
    const hub = { refusal: undefined as string | undefined, reportRefusal: undefined as string | undefined };
    const connect = (): ModuleLink => {
        if (hub.refusal !== undefined) throw new Error(hub.refusal);
        let closed: (reason: string) => void = () => {};
        let desired: () => void = () => {};
        const link = {
            cut: (reason: string) => closed(reason),
            desire: () => desired(),
            isClosed: false,
            methods: 0,
        };
        links.push(link);
        return {
            twin: () => ({ desired: {}, desiredVersion: 1, reported, reportedVersion: 1 }),
            report(patch: JsonObject) {
                if (hub.reportRefusal !== undefined) throw new Error(hub.reportRefusal);
                reports.push(patch);
                return 2;
            },
            onDesired(listener: () => void) {
                desired = listener;
                return () => {};
            },
            onMethod() {
                link.methods++;
                return () => {};
            },
            onClosed(listener: (reason: string) => void) {
                closed = listener;
                return () => {};
            },
            close() {
                link.isClosed = true;
            },
        } as unknown as ModuleLink;
    };
    const link = keepHubLink({
        clock,
        coolOffUnit: 10_000,
        log: (line) => log.push(line),
        connect,
        onOpened: () => events.push("opened"),
        onDesired: () => events.push("desired"),
        onMethod: async () => ({ status: 200, payload: null }),
        onClosed: () => events.push("closed"),
    });
    return { clock, log, events, reports, links, hub, link };
}

test("a link is opened when somebody asks for it, once, and told of", () => {
    const { link, links, events, log } = testHubLink();
    expect(link.isOpen()).toBe(false);
    expect(link.open()).toBeDefined();
    expect(link.open()).toBeDefined();
    expect([links.length, link.isOpen(), link.retryAt(), links[0]?.methods]).toEqual([1, true, undefined, 1]);
    links[0]?.desire();
    expect(events).toEqual(["opened", "desired"]);
    expect(log).toEqual(["connected to the hub"]);
});

test("after a refusal it rests, twice as long each time up to five minutes, and no longer after a success", () => {
    const { clock, hub, link, links, log } = testHubLink();
    hub.refusal = "away";
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
        expect(link.open()).toBeUndefined();
        expect(link.retryAt()).toBe(clock.now() + seconds * 1000);
        clock.advance(seconds * 1000 - 1);
        const before = log.length;
        expect(link.open()).toBeUndefined();
        expect(log).toHaveLength(before);
        clock.advance(1);
    }
    expect(log[0]).toBe("the hub cannot be reached: away");
    hub.refusal = undefined;
    expect(link.open()).toBeDefined();
    hub.refusal = "away again";
    links[0]?.cut("the hub was closed");
    // One that ended is tried again at once.
    expect(link.open()).toBeUndefined();
    expect(link.retryAt()).toBe(clock.now() + 10_000);
});

test("one that the hub ends is told of with the reason, and another takes its place", () => {
    const { link, links, events, log } = testHubLink();
    link.open();
    links[0]?.cut("its token expired");
    expect([events, link.isOpen()]).toEqual([["opened", "closed"], false]);
    expect(log.at(-1)).toBe("the hub ended the connection: its token expired");
    link.open();
    // The end of the old one does not concern the new one.
    links[0]?.cut("again");
    expect([links.length, link.isOpen()]).toEqual([2, true]);
    link.close();
    expect([links[1]?.isClosed, link.isOpen()]).toEqual([true, false]);
});

test("a report is what differs from what the hub has, and nothing where nothing does", () => {
    const { link, reports, hub, log } = testHubLink({ a: 1, b: { c: 1 } });
    expect(link.report(() => ({ a: 2 }))).toBeUndefined();
    expect(reports).toEqual([]);
    link.open();
    link.report((reported) => ({ ...reported, b: { c: 2 } }));
    link.report((reported) => reported);
    link.report(() => ({ a: 1 }));
    expect(reports).toEqual([{ b: { c: 2 } }, { b: null }]);
    hub.reportRefusal = "too large";
    expect(link.report(() => ({ a: 5 }))).toBe("too large");
    expect(log.at(-1)).toBe("the hub refused the report: too large");
});

test("the first of the times that are there is the earliest", () => {
    expect([earliest([undefined, 5, 3]), earliest([undefined]), earliest([0, 1])]).toEqual([3, undefined, 0]);
});

describe("a loop of work", () => {
    /** Rounds that last until the test ends them. */
    function rounds() {
        let begun = 0;
        const ends: (() => void)[] = [];
        const loop = workLoop(() => {
            begun++;
            return new Promise<void>((resolve) => ends.push(resolve));
        });
        return { loop, begun: () => begun, end: () => ends.shift()?.() };
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve));

    test("does one round at a time, and one more for all who asked meanwhile", async () => {
        const { loop, begun, end } = rounds();
        loop.ask();
        for (let asked = 0; asked < 3; asked++) loop.ask();
        expect(begun()).toBe(1);
        end();
        await turn();
        expect(begun()).toBe(2);
        end();
        await turn();
        expect(begun()).toBe(2);
    });

    test("does other work between two rounds, and a round after it, also where that fails", async () => {
        const { loop, begun, end } = rounds();
        loop.ask();
        let isDone = false;
        const between = loop.between(async () => {
            isDone = true;
            throw new Error("no");
        });
        await turn();
        expect(isDone).toBe(false);
        end();
        await expect(between).rejects.toThrow("no");
        await until("another round", () => begun() === 2);
        end();
    });

    test("begins nothing once it is stopped, and waits for what has begun", async () => {
        const { loop, begun, end } = rounds();
        loop.ask();
        loop.ask();
        let isStopped = false;
        const stopped = loop.stop().then(() => {
            isStopped = true;
        });
        await turn();
        expect(isStopped).toBe(false);
        end();
        await stopped;
        loop.ask();
        await turn();
        expect(begun()).toBe(1);
        await expect(loop.between(async () => {})).rejects.toThrow("The device is switched off.");
    });
});
