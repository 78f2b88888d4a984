import { EventEmitter } from "node:events";
import { refuseInTurn } from "../../classifier/src/http/pacedRefusal";

/** So many clients at once; what was answered is counted, and each can leave. */
function flood(clients: number) {
    let answered = 0;
    const connections = Array.from({ length: clients }, () => new EventEmitter());
    for (const connection of connections) {
        refuseInTurn(connection as never, () => answered++);
    }
    return { answered: () => answered, leave: (index: number) => connections[index]?.emit("close") };
}

describe("whoever is refused with a body unread", () => {
    // One clock for all, as the turns are kept from test to test.
    beforeAll(() => jest.useFakeTimers());
    afterAll(() => jest.useRealTimers());
    // The calm before each flood.
    beforeEach(() => jest.advanceTimersByTime(10_000));

    test("is answered at once, as long as they are few", () => {
        expect(flood(100).answered()).toBe(100);
    });

    test("is answered in turn where there are more, a hundred a second", () => {
        const { answered } = flood(250);
        expect(answered()).toBe(100);
        jest.advanceTimersByTime(500);
        expect(answered()).toBe(150);
        jest.advanceTimersByTime(1000);
        expect(answered()).toBe(250);
    });

    test("never waits longer than two seconds", () => {
        const { answered } = flood(5000);
        jest.advanceTimersByTime(1990);
        expect(answered()).toBe(299);
        jest.advanceTimersByTime(10);
        expect(answered()).toBe(5000);
    });

    test("is not answered after leaving", () => {
        const { answered, leave } = flood(102);
        leave(100);
        jest.advanceTimersByTime(5000);
        expect(answered()).toBe(101);
    });

    test("finds no queue after a calm", () => {
        flood(5000);
        jest.advanceTimersByTime(3000);
        expect(flood(100).answered()).toBe(100);
    });
});
