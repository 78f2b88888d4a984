import { RequestError } from "../errors";
import type { ArrayInput, ArrayModel } from "../model/openArrayModel";
import type { Model } from "../model/openModel";
import type { NetworkArray } from "../session";
import { type Tensor, tensorDims } from "../tensor";

/** So many values go through the network at a time (4 MB of float32), however many rows a request has. */
const MAX_VALUES_PER_RUN = 1024 * 1024;

/**
 * Runs rows of values through a model as `run` of the deployment guides' score.py does, and gives what their
 * `y_hat.tolist()` gives: class labels where the network gives labels, else its scores, nested. A row may be nested or
 * flat; an image model takes what its network takes, pixels already prepared. Throws a `RequestError` for rows that
 * do not fit.
 */
export async function scoreRows(model: Model | ArrayModel, data: unknown): Promise<unknown[]> {
    const { input, run } = networkOf(model);
    const { shape, rows } = arrange(data, input);
    const perRow = shape.reduce((product, side) => product * side, 1);
    const perRun = input.dims[0] ?? Math.max(1, Math.floor(MAX_VALUES_PER_RUN / perRow));
    if (rows.length % (input.dims[0] ?? 1) !== 0) {
        throw unfit(`Expected a multiple of ${perRun} rows, which the network takes at a time`, rows.length);
    }
    const answers: unknown[] = [];
    for (let from = 0; from < rows.length; from += perRun) {
        const part = rows.slice(from, from + perRun);
        const values = toValues(part, from, perRow, input.type);
        const output = await run({ type: input.type, data: values, dims: [part.length, ...shape] });
        refuseNonNumbers(output, from);
        const nested = toList(output);
        // An output that has no entry per row cannot be divided, and counts as one answer to all of them.
        answers.push(...(output.dims[0] === part.length ? nested : [nested]));
    }
    return answers;
}

function networkOf(model: Model | ArrayModel): {
    input: ArrayInput;
    run(input: NetworkArray): Promise<NetworkArray>;
} {
    if (model.kind === "array") {
        return { input: model.input, run: (input) => model.session.run(input) };
    }
    return {
        input: { type: model.format.type, dims: tensorDims(model.size, model.format) },
        async run(input) {
            const data = await model.session.run(input as Tensor);
            return { type: "float32", data, dims: [1, data.length] };
        },
    };
}

/** Cuts `data` into rows, and finds the shape of a row: the network's, its open dimensions as the first row has them. */
function arrange(data: unknown, { dims }: ArrayInput): { shape: number[]; rows: unknown[] } {
    if (!Array.isArray(data) || data.length === 0) {
        throw unfit('Expected "data" to be a list of rows', kindOf(data));
    }
    const wanted = dims.slice(1);
    const nested = Array.isArray(data[0]);
    const known = wanted.every((side) => side !== undefined);
    const shape = known ? wanted : openShape(nested ? data[0] : data, wanted);
    const perRow = shape.reduce((product, side) => product * side, 1);
    if (nested || perRow === 1) {
        return { shape, rows: data };
    }
    if (data.length % perRow !== 0) {
        throw unfit(`Expected rows of ${perRow} values each`, `${data.length} values in all`);
    }
    const rows = Array.from({ length: data.length / perRow }, (_, row) =>
        data.slice(row * perRow, (row + 1) * perRow),
    );
    return { shape, rows };
}

function openShape(row: unknown[], wanted: readonly (number | undefined)[]): number[] {
    const found: number[] = [];
    for (let level: unknown = row; Array.isArray(level); level = level[0]) {
        found.push(level.length);
    }
    if (
        found.length !== wanted.length ||
        wanted.some((side, level) => (side ?? found[level]) !== found[level])
    ) {
        const described = wanted.map((side) => side ?? "any").join(", ");
        throw unfit(`Expected rows of the shape [${described}]`, `[${found.join(", ")}]`);
    }
    return found;
}

const INTEGER_TYPES: string[] = ["int32", "int64", "uint8"];

function toValues(
    rows: readonly unknown[],
    firstRow: number,
    perRow: number,
    type: ArrayInput["type"],
): NetworkArray["data"] {
    const values = makeArray(type, rows.length * perRow);
    const fill = filler(values, type);
    rows.forEach((row, index) => {
        const from = index * perRow;
        const end = fill(row, from, `row ${firstRow + index}`);
        if (end !== from + perRow) {
            throw unfit(`Expected row ${firstRow + index} to have ${perRow} values`, end - from);
        }
    });
    return values as NetworkArray["data"];
}

/** Writes a list of values, however nested, from a place on; returns the place after it. */
function filler(values: Writable, type: ArrayInput["type"]) {
    const whole = INTEGER_TYPES.includes(type);
    const accepted = type === "string" ? "string" : "number";
    return function fill(list: unknown, from: number, row: string): number {
        let at = from;
        for (const value of Array.isArray(list) ? list : [list]) {
            if (Array.isArray(value)) {
                at = fill(value, at, row);
                continue;
            }
            if (typeof value !== accepted || (whole && !Number.isInteger(value))) {
                const kind = whole ? "integers" : `${accepted}s`;
                throw unfit(`Expected ${row} to hold ${kind} only`, kindOf(value));
            }
            // A row that is too long writes over the next one, or nowhere; it is refused at its end.
            values[at++] = type === "int64" ? BigInt(value) : value;
        }
        return at;
    };
}

type Writable = { [index: number]: unknown };

function makeArray(type: ArrayInput["type"], length: number): Writable {
    switch (type) {
        case "float64":
            return new Float64Array(length);
        case "int32":
            return new Int32Array(length);
        case "int64":
            return new BigInt64Array(length);
        case "uint8":
            return new Uint8Array(length);
        case "string":
            return new Array<string>(length);
        default:
            return new Float32Array(length);
    }
}

/** JSON has no other numbers than finite ones, and would show nothing in their place. */
function refuseNonNumbers({ data }: NetworkArray, firstRow: number): void {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
        return;
    }
    const wrong = data.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) {
        throw new Error(`Expected numbers from the model for the rows from ${firstRow} on, found ${wrong}.`);
    }
}

/** Nests a network's answer as numpy's `tolist` does. */
function toList({ data, dims }: NetworkArray): unknown[] {
    const plain = Array.from(data as ArrayLike<unknown>, (value) =>
        typeof value === "bigint" ? Number(value) : value,
    );
    return dims
        .slice(1)
        .reduceRight<unknown[]>(
            (list, side) =>
                Array.from({ length: list.length / side }, (_, index) =>
                    list.slice(index * side, (index + 1) * side),
                ),
            plain,
        );
}

function unfit(expected: string, found: string | number): RequestError {
    return new RequestError(400, "BadRequest", `${expected}, found ${found}.`);
}

/** Names the kind of a value, and never shows a text: the message goes to the log too. */
function kindOf(value: unknown): string {
    if (typeof value === "number" || typeof value === "boolean" || value === null) {
        return String(value);
    }
    if (Array.isArray(value)) {
        return value.length === 0 ? "an empty list" : "a list";
    }
    return { string: "text", undefined: "nothing" }[typeof value as string] ?? "an object";
}
