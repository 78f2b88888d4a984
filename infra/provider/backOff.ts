/**
 * The waits between the attempts of one call, in milliseconds: each about twice as long as the one before, and a quarter
 * of it left to chance either way, so that callers who failed together do not come back together.
 */
export function backOff(firstMs: number, attempts: number): number[] {
    return Array.from(
        { length: attempts - 1 },
        (_, index) => firstMs * 2 ** index * (0.75 + Math.random() / 2),
    );
}
