import type { ArraySession, NetworkArray } from "../session";

/** What a row is filled with: some networks cannot take a logarithm of 0, or divide by it. */
const FILLINGS = [1, 0.5, 0];
/** A row of more values is not made up: it takes as long as an image. */
const MOST_VALUES = 1 << 24;

/**
 * Gives a network of numbers rows that are made up, where it says how long they are. Throws a sentence if it fails on all of
 * them, or answers none with numbers. Which texts and whole numbers a network knows only its maker can say.
 */
export async function tryRows(
    session: ArraySession,
    { type, dims }: { type: NetworkArray["type"]; dims: readonly (number | undefined)[] },
    path: string,
): Promise<void> {
    const sides = [dims[0] ?? 1, ...dims.slice(1)];
    const values = sides.reduce<number>((product, side) => product * (side ?? Number.NaN), 1);
    if (!(values <= MOST_VALUES) || (type !== "float32" && type !== "float64")) {
        return;
    }
    const failures: string[] = [];
    for (const filling of FILLINGS) {
        const data = (type === "float32" ? new Float32Array(values) : new Float64Array(values)).fill(filling);
        try {
            const output = await session.run({ type, data, dims: sides as number[] });
            const wrong = Array.from(output.data as ArrayLike<unknown>).find(
                (value) => typeof value === "number" && !Number.isFinite(value),
            );
            if (wrong === undefined) {
                return;
            }
            failures.push(`${wrong}`);
        } catch (cause) {
            failures.push((cause as Error).message.trim());
        }
    }
    throw new Error(
        `Expected ${path} to answer a row of numbers, [${sides.join(", ")}], with numbers, got: ${failures[0]}. ` +
            "Export it again, and try it with onnxruntime first.",
    );
}
