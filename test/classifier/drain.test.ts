import { EventEmitter } from "node:events";
import { type Drained, endAfterDraining } from "../../classifier/src/http/drain";

const MB = 1024 * 1024;

/** A client that was refused and still sends; what it sends while nobody reads waits in its own buffers. */
function refused(
    headers: Record<string, string> = { "content-length": String(4 * MB) },
    { destroyed = false } = {},
) {
    let paused = false;
    let ended = false;
    const request = Object.assign(new EventEmitter(), {
        headers,
        destroyed,
        pause: () => {
            paused = true;
        },
        resume: () => {
            paused = false;
        },
    });
    endAfterDraining(request as unknown as Drained, { end: (() => (ended = true)) as never });
    return {
        send: (bytes: number) => void request.emit("data", Buffer.alloc(bytes)),
        is: (event: string) => void request.emit(event),
        reads: () => !paused,
        cutOff: () => ended,
    };
}

describe("a connection whose answer was given before its body was read", () => {
    beforeAll(() => jest.useFakeTimers());
    afterAll(() => jest.useRealTimers());
    // Whatever a test left open is over, and paid for.
    afterEach(() => jest.advanceTimersByTime(60_000));

    test.each(["end", "close", "error"])("is read on until its %s, and then closed once", (event) => {
        const client = refused();
        client.send(MB);
        expect([client.reads(), client.cutOff()]).toEqual([true, false]);
        client.is(event);
        expect(client.cutOff()).toBe(true);
    });

    test("is closed at once where its client asked for leave to send and got none", () => {
        expect(refused({ "content-length": "1000", expect: "100-continue" }).cutOff()).toBe(true);
    });

    test("takes nobody's place where its client has left already", () => {
        const gone = Array.from({ length: 129 }, () => refused(undefined, { destroyed: true }));
        expect(gone.every(({ cutOff }) => cutOff())).toBe(true);
        expect(refused().cutOff()).toBe(false);
    });

    test("is cut off when more came than twice what is allowed", () => {
        const client = refused({ "transfer-encoding": "chunked" });
        client.send(8 * MB);
        expect(client.cutOff()).toBe(false);
        client.send(1);
        expect(client.cutOff()).toBe(true);
    });

    test("is cut off after fifteen seconds", () => {
        const client = refused();
        jest.advanceTimersByTime(14_999);
        expect(client.cutOff()).toBe(false);
        jest.advanceTimersByTime(1);
        expect(client.cutOff()).toBe(true);
    });

    test("is read in its turn in a flood, 64 MB a second of all together", () => {
        const [first, second] = [refused(), refused()];
        first.send(3 * MB);
        expect(first.reads()).toBe(true);
        second.send(3 * MB);
        expect([first.reads(), second.reads()]).toEqual([true, false]);
        // The time of six megabytes.
        jest.advanceTimersByTime(92);
        expect(second.reads()).toBe(false);
        jest.advanceTimersByTime(2);
        expect(second.reads()).toBe(true);
    });

    test("is not read on in its turn when it was closed before", () => {
        const client = refused();
        client.send(7 * MB);
        client.is("close");
        jest.advanceTimersByTime(60_000);
        expect([client.cutOff(), client.reads()]).toEqual([true, false]);
    });

    test("is not read at all once bodies of 512 MB are read, until one of them has ended", () => {
        const clients = Array.from({ length: 128 }, () => refused());
        expect(clients.some(({ cutOff }) => cutOff())).toBe(false);
        expect(refused().cutOff()).toBe(true);
        clients[0]?.is("end");
        // A second end of the same connection gives nothing back.
        clients[0]?.is("close");
        expect(refused().cutOff()).toBe(false);
        expect(refused().cutOff()).toBe(true);
    });

    test("counts with four megabytes where its client does not say how much it sends, and never with more than eight", () => {
        const chunked = Array.from({ length: 64 }, () => refused({ "transfer-encoding": "chunked" }));
        const endless = Array.from({ length: 32 }, () => refused({ "content-length": "99999999999" }));
        expect([...chunked, ...endless].some(({ cutOff }) => cutOff())).toBe(false);
        expect(refused({ "content-length": "1" }).cutOff()).toBe(true);
    });
});
