import type { PrepareResize, ResizeJob, ResizePlan } from "./resizeJob";
import { RESIZE_MODULE } from "./resizeModule";
import { reachOf, type Taps } from "./taps";

interface Exports {
    resizeRows(
        from: number,
        fromStride: number,
        rows: number,
        table: number,
        outputs: number,
        weights: number,
        to: number,
        toStride: number,
        channels: number,
    ): void;
    resizeColumns(
        from: number,
        stride: number,
        table: number,
        outputs: number,
        weights: number,
        to: number,
        toStride: number,
        bytes: number,
    ): void;
}

const PAGE_BYTES = 64 * 1024;
/** WebAssembly's memory never shrinks, so it is let go after an image of more than some 20 megapixels. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;
const LOW_BITS = 11;
/** Taps per block of each pass, and the bytes of a block's weights. */
const ROW_BLOCK = { taps: 4, bytes: 16 };
const COLUMN_BLOCK = { taps: 2, bytes: 8 };
const ENTRY_BYTES = 8;
/** The passes read and write so many bytes beyond an image's last row. */
const SLACK_BYTES = 64;
const ROWS_AT_A_TIME = 4;

/**
 * The two passes in WebAssembly with 128-bit vectors, from `resize.wat`; undefined where this machine has none. It has
 * one memory, so a job ends before the next begins: nothing may be awaited in between.
 */
export function openSimdResize(): PrepareResize | undefined {
    const bytes = Buffer.from(RESIZE_MODULE, "base64");
    if (!WebAssembly.validate(bytes)) {
        return undefined;
    }
    const module = new WebAssembly.Module(bytes);
    const open = () => {
        const memory = new WebAssembly.Memory({ initial: 1 });
        const { exports } = new WebAssembly.Instance(module, { host: { memory } });
        return { memory, passes: exports as unknown as Exports };
    };
    let instance = open();
    return (plan) => {
        if (instance.memory.buffer.byteLength > MOST_KEPT_BYTES) {
            instance = open();
        }
        return plan.first === "columns"
            ? columnsFirst(instance.memory, instance.passes, plan)
            : rowsFirst(instance.memory, instance.passes, plan);
    };
}

function columnsFirst(memory: WebAssembly.Memory, passes: Exports, plan: ResizePlan): ResizeJob {
    const { source, columns, rows } = plan;
    const { channels } = source;
    const stride = source.width * channels;
    const reach = reachOf(rows);
    const bytes = columns.length * channels;
    // The first pass writes a byte more than a row has.
    const narrowStride = aligned(bytes + 1);
    const area = reserve(memory, {
        columns: tableBytes(columns, ROW_BLOCK),
        rows: tableBytes(rows, COLUMN_BLOCK),
        narrow: (reach.end - reach.first + ROWS_AT_A_TIME) * narrowStride,
        out: rows.length * aligned(bytes),
        source: (source.height + ROWS_AT_A_TIME - 1) * stride,
    });
    const columnWeights = writeTable(memory, area.columns, columns, ROW_BLOCK, 0, channels);
    const rowWeights = writeTable(memory, area.rows, rows, COLUMN_BLOCK, reach.first, narrowStride);
    return {
        source: new Uint8Array(memory.buffer, area.source, source.height * stride),
        run() {
            const from = area.source + reach.first * stride;
            passes.resizeRows(
                from,
                stride,
                reach.end - reach.first,
                area.columns,
                columns.length,
                columnWeights,
                area.narrow,
                narrowStride,
                channels,
            );
            passes.resizeColumns(
                area.narrow,
                narrowStride,
                area.rows,
                rows.length,
                rowWeights,
                area.out,
                aligned(bytes),
                bytes,
            );
            return packed(memory, area.out, rows.length, bytes, aligned(bytes));
        },
    };
}

function rowsFirst(memory: WebAssembly.Memory, passes: Exports, plan: ResizePlan): ResizeJob {
    const { source, columns, rows } = plan;
    const { channels } = source;
    const stride = source.width * channels;
    const reach = reachOf(columns);
    const shortStride = aligned((reach.end - reach.first) * channels);
    const bytes = columns.length * channels;
    const outStride = aligned(bytes + 1);
    const area = reserve(memory, {
        columns: tableBytes(columns, ROW_BLOCK),
        rows: tableBytes(rows, COLUMN_BLOCK),
        short: (rows.length + ROWS_AT_A_TIME) * shortStride,
        out: (rows.length + ROWS_AT_A_TIME) * outStride,
        source: (source.height + 1) * stride,
    });
    const columnWeights = writeTable(memory, area.columns, columns, ROW_BLOCK, reach.first, channels);
    const rowWeights = writeTable(memory, area.rows, rows, COLUMN_BLOCK, 0, stride);
    return {
        source: new Uint8Array(memory.buffer, area.source, source.height * stride),
        run() {
            passes.resizeColumns(
                area.source + reach.first * channels,
                stride,
                area.rows,
                rows.length,
                rowWeights,
                area.short,
                shortStride,
                (reach.end - reach.first) * channels,
            );
            passes.resizeRows(
                area.short,
                shortStride,
                rows.length,
                area.columns,
                columns.length,
                columnWeights,
                area.out,
                outStride,
                channels,
            );
            return packed(memory, area.out, rows.length, bytes, outStride);
        },
    };
}

function aligned(bytes: number): number {
    return Math.ceil(bytes / 16) * 16;
}

/** Lays areas of these sizes out one after the other, and lets the memory grow to hold them. */
function reserve<Name extends string>(
    memory: WebAssembly.Memory,
    sizes: Record<Name, number>,
): Record<Name, number> {
    let end = 0;
    const starts = Object.entries<number>(sizes).map(([name, size]) => {
        const start = end;
        end += aligned(size + SLACK_BYTES);
        return [name, start];
    });
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
    }
    return Object.fromEntries(starts);
}

type Block = typeof ROW_BLOCK;

function blocksOf({ weights }: Taps, block: Block): number {
    return Math.ceil(weights.length / block.taps);
}

function tableBytes(taps: readonly Taps[], block: Block): number {
    return taps.reduce((sum, tap) => sum + ENTRY_BYTES + blocksOf(tap, block) * block.bytes, 0);
}

/** Writes what `resize.wat` says a table holds. Returns where its weights begin. */
function writeTable(
    memory: WebAssembly.Memory,
    at: number,
    taps: readonly Taps[],
    block: Block,
    origin: number,
    sampleBytes: number,
): number {
    const entries = new Int32Array(memory.buffer, at, taps.length * 2);
    const weightsAt = at + taps.length * ENTRY_BYTES;
    const words = new Int32Array(memory.buffer, weightsAt);
    const lowMask = (1 << LOW_BITS) - 1;
    let word = 0;
    taps.forEach((tap, index) => {
        const { first, weights } = tap;
        const blocks = blocksOf(tap, block);
        entries[index * 2] = (first - origin) * sampleBytes;
        entries[index * 2 + 1] = blocks;
        for (let pair = 0; pair < blocks * block.taps; pair += 2) {
            const one = weights[pair] ?? 0;
            const other = weights[pair + 1] ?? 0;
            words[word++] = (one >> LOW_BITS) | ((other >> LOW_BITS) << 16);
            words[word++] = (one & lowMask) | ((other & lowMask) << 16);
        }
    });
    return weightsAt;
}

/** Copies rows out of the memory, without what lies between them. */
function packed(
    memory: WebAssembly.Memory,
    at: number,
    rows: number,
    bytes: number,
    stride: number,
): Uint8Array {
    if (stride === bytes) {
        return new Uint8Array(memory.buffer, at, rows * bytes).slice();
    }
    const out = new Uint8Array(rows * bytes);
    for (let row = 0; row < rows; row++) {
        out.set(new Uint8Array(memory.buffer, at + row * stride, bytes), row * bytes);
    }
    return out;
}
