import { numberBursts } from "../../training/bursts";
import { wilsonInterval } from "../../training/wilson";

describe("Wilson's 95 % interval", () => {
    // By hand, with z = 1.959964: z² = 3.841459.
    test.each([
        ["all of 53: 53 / (53 + z²) and 1", 53, 53, 0.93242, 1],
        ["none of 10: 0 and z² / (10 + z²)", 0, 10, 0, 0.27753],
        ["8 of 10: 0.7169 ± 0.2265 around the shrunken rate", 8, 10, 0.49016, 0.94332],
        ["52 of 53", 52, 53, 0.90059, 0.99666],
    ])("of %s", (_, correct, total, low, high) => {
        const interval = wilsonInterval(correct, total);
        expect(interval[0]).toBeCloseTo(low, 4);
        expect(interval[1]).toBeCloseTo(high, 4);
    });
});

describe("bursts", () => {
    const at = (label: string, seconds?: number) => ({
        label,
        takenAt: seconds === undefined ? undefined : seconds * 1000,
    });

    test("join photographs of a label that are at most 3 s apart, each from the one before", () => {
        expect(numberBursts([at("ripe", 0), at("ripe", 3), at("ripe", 6), at("ripe", 9.001)])).toEqual([
            0, 0, 0, 1,
        ]);
    });

    test("do not depend on the order of the photographs", () => {
        expect(numberBursts([at("ripe", 9.001), at("ripe", 3), at("ripe", 0), at("ripe", 6)])).toEqual([
            1, 0, 0, 0,
        ]);
    });

    test("never join photographs of different labels", () => {
        expect(numberBursts([at("unripe", 1), at("ripe", 1), at("ripe", 2)])).toEqual([1, 0, 0]);
    });

    test("are single photographs where the time is not known", () => {
        expect(numberBursts([at("ripe"), at("ripe"), at("ripe", 5), at("ripe", 6)])).toEqual([1, 2, 0, 0]);
    });
});
