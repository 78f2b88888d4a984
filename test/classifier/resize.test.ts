import { readFileSync } from "node:fs";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { prepareResizePlain } from "../../classifier/src/image/resizePlain";
import { openSimdResize } from "../../classifier/src/image/resizeSimd";
import { mirrored, tapsOf } from "../../classifier/src/image/taps";
import { resizeModule } from "../../generate/writeResizeModule";

describe("resizing with vectors", () => {
    const simd = openSimdResize();
    if (!simd) {
        throw new Error("Expected this machine's Node to have WebAssembly with 128-bit vectors.");
    }

    test.each([
        [3, 640, 480, 299, 224],
        [3, 641, 479, 224, 224],
        [3, 1, 1, 5, 7],
        [3, 2, 3, 224, 31],
        [3, 4000, 37, 224, 5],
        [3, 37, 4000, 5, 224],
        [3, 224, 224, 224, 224],
        [3, 17, 19, 16, 18],
        [4, 640, 480, 299, 224],
        [4, 5, 3, 64, 64],
        [4, 333, 777, 31, 5],
    ])("gives %i channels of %i x %i at %i x %i the values of plain arithmetic", (channels, ...sizes) => {
        const [width, height, toWidth, toHeight] = sizes as [number, number, number, number];
        const random = xoroshiro128plus(width * 31 + height);
        // Extreme values too: sums that come near to the limits.
        const values = Array.from({ length: 64 * 1024 }, () => (random.next() >>> 7) & 511);
        const image = Uint8Array.from(
            { length: width * height * channels },
            (_, index) => (values[(index * 7919) & 0xffff] ?? 0) - 128,
        ).map((value, index) => (index % 5 === 0 ? 255 : value));
        for (const first of ["columns", "rows"] as const) {
            for (const turn of [false, true]) {
                const columns = tapsOf(width, toWidth, Math.floor(toWidth / 7), Math.ceil(toWidth / 2));
                const rows = tapsOf(height, toHeight, 0, toHeight);
                const plan = {
                    source: { width, height, channels },
                    columns: turn ? mirrored(columns, width) : columns,
                    rows: turn ? mirrored(rows, height) : rows,
                    first,
                };
                const [expected, actual] = [prepareResizePlain, simd].map((prepare) => {
                    const job = prepare(plan);
                    job.source.set(image);
                    return Buffer.from(job.run());
                });
                expect(actual?.equals(expected as Buffer)).toBe(true);
            }
        }
    });

    test("lets go of the memory that a very large image took", () => {
        const source = { width: 8000, height: 4000, channels: 3 };
        const plan = {
            source,
            columns: tapsOf(8000, 2, 0, 2),
            rows: tapsOf(4000, 2, 0, 2),
            first: "columns" as const,
        };
        expect(simd(plan).source.buffer.byteLength).toBeGreaterThan(96_000_000);
        const two = tapsOf(2, 2, 0, 2);
        const small = simd({ ...plan, source: { ...source, width: 2, height: 2 }, columns: two, rows: two });
        expect(small.source.buffer.byteLength).toBeLessThan(1_000_000);
    });

    test("runs what is assembled from resize.wat", async () => {
        const written = readFileSync(
            join(__dirname, "..", "..", "classifier/src/image/resizeModule.ts"),
            "utf8",
        );
        expect(written).toBe(await resizeModule());
    });
});
