import { PassingError, persistently } from "../../../local/base/persistently";

/** How long it rested each time, in milliseconds; here nobody waits. */
const rests: number[] = [];
jest.mock("node:timers/promises", () => ({
    setTimeout: async (ms: number, _value: unknown, { signal }: { signal?: AbortSignal }) => {
        rests.push(ms);
        if (ms > 1000) during();
        signal?.throwIfAborted();
    },
}));
let during = () => {};
beforeEach(() => {
    rests.length = 0;
    during = () => {};
});

test("work that fails for a passing reason is done again, seven times at most, with rests that double", async () => {
    let attempts = 0;
    const failing = persistently(async () => {
        attempts++;
        throw new PassingError("busy");
    });
    await expect(failing).rejects.toThrow("busy");
    expect(attempts).toBe(7);
    expect(rests).toHaveLength(6);
    for (const [index, rest] of rests.entries()) {
        expect(rest).toBeGreaterThanOrEqual(200 * 2 ** index * 0.75);
        expect(rest).toBeLessThanOrEqual(200 * 2 ** index * 1.25);
    }
});

test("work that succeeds in the end gives what it made, and any other failure is final", async () => {
    const outcomes = [new PassingError("busy"), new PassingError("away"), "made"];
    const next = async () => {
        const outcome = outcomes.shift();
        if (outcome instanceof Error) throw outcome;
        return outcome;
    };
    expect(await persistently(next)).toBe("made");
    outcomes.push(new Error("refused"), "never");
    await expect(persistently(next)).rejects.toThrow("refused");
    expect(outcomes).toEqual(["never"]);
});

test("who gives up during a rest gets the reason, and no further attempt", async () => {
    const giving = new AbortController();
    let attempts = 0;
    during = () => giving.abort(new Error("no longer wanted"));
    const given = persistently(async () => {
        attempts++;
        throw new PassingError("busy");
    }, giving.signal);
    await expect(given).rejects.toThrow("no longer wanted");
    expect(attempts).toBe(rests.length);
});
