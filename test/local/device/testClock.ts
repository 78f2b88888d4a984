import type { Clock } from "../../../local/device/clock";

/** A clock that stands still until the test moves it. */
export function testClock(): Clock & { advance(milliseconds: number): void } {
    let now = Date.parse("2030-01-01T00:00:00Z");
    const due = new Map<symbol, { time: number; callback: () => void }>();
    return {
        now: () => now,
        at(time, callback) {
            const key = Symbol();
            due.set(key, { time, callback });
            return () => due.delete(key);
        },
        advance(milliseconds) {
            now += milliseconds;
            for (const [key, { time, callback }] of [...due].sort(([, a], [, b]) => a.time - b.time)) {
                if (time > now || !due.delete(key)) continue;
                callback();
            }
        },
    };
}
