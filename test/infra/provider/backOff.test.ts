import { backOff, retryAfterMs } from "../../../infra/provider/backOff";

const patience = { firstMs: 100, attempts: 4, totalMs: 10_000 };

describe("the waits between the attempts of one call", () => {
    test("are about twice as long each time, a quarter left to chance, and one less than there are attempts", () => {
        for (let time = 0; time < 50; time++) {
            const pause = backOff(patience, () => 0);
            for (const about of [100, 200, 400]) {
                const wait = pause() ?? 0;
                expect(wait).toBeGreaterThanOrEqual(about * 0.75);
                expect(wait).toBeLessThanOrEqual(about * 1.25);
            }
            expect(pause()).toBeUndefined();
            expect(pause(1)).toBeUndefined();
        }
    });

    test("are those that the other side asks for, and then go on as if they had been ours", () => {
        const pause = backOff(patience, () => 0);
        expect(pause(7000)).toBe(7000);
        expect(pause(0)).toBe(0);
        expect(pause()).toBeGreaterThanOrEqual(300);
        expect(pause(0)).toBeUndefined();
    });

    test.each([
        ["ends by then", 3000, 7000, 7000],
        ["would end after that", 3000, 7001, undefined],
        ["begins after that", 10_001, 0, undefined],
    ])("are no more where the whole takes too long: one %s", (_, elapsed, asked, wait) => {
        let time = 500;
        const pause = backOff(patience, () => time);
        time += elapsed;
        expect(pause(asked)).toBe(wait);
    });
});

test.each([
    ["120", 120_000],
    ["0", 0],
    ["", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
])("an answer with Retry-After: %s asks for a wait of %s ms", (value, wait) => {
    expect(retryAfterMs(new Headers({ "Retry-After": value }))).toBe(wait);
});

test("an answer without Retry-After asks for none", () => {
    expect(retryAfterMs(new Headers())).toBeUndefined();
});
