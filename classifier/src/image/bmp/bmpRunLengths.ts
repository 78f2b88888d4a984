/** Codes that follow a zero; any other is the number of indices that stand there as they are. */
const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const STEP = 2;

/**
 * The indices of `pixels` pixels, one a byte, that RLE8 or RLE4 has packed from `start` on, in the order of the file; what is
 * stepped over is 0. Undefined where the file says fewer: Pillow refuses such a file too. Runs end with their row.
 */
export function unpackRunLengths(
    file: Buffer,
    start: number,
    { width, pixels, bits }: { width: number; pixels: number; bits: 4 | 8 },
): Uint8Array | undefined {
    const out = new Uint8Array(pixels);
    let at = start;
    let done = 0;
    let column = 0;
    while (done < pixels && at + 2 <= file.length) {
        const count = file[at++] as number;
        const code = file[at++] as number;
        if (count > 0) {
            const run = Math.min(count, Math.max(0, width - column), pixels - done);
            if (bits === 8) {
                out.fill(code, done, done + run);
            } else {
                for (let index = 0; index < run; index++) {
                    out[done + index] = index % 2 === 0 ? code >> 4 : code & 15;
                }
            }
            done += run;
            column += run;
        } else if (code === END_OF_LINE) {
            done = Math.ceil(done / width) * width;
            column = 0;
        } else if (code === END_OF_BITMAP) {
            break;
        } else if (code === STEP) {
            if (at + 2 > file.length) {
                break;
            }
            done = Math.min(pixels, done + (file[at] as number) + (file[at + 1] as number) * width);
            at += 2;
            column = done % width;
        } else {
            const literal = Math.min(code, pixels - done);
            const bytes = bits === 8 ? literal : Math.ceil(literal / 2);
            if (at + bytes > file.length) {
                break;
            }
            for (let index = 0; index < literal; index++) {
                const byte = file[at + (bits === 8 ? index : index >> 1)] as number;
                out[done + index] = bits === 8 ? byte : index % 2 === 0 ? byte >> 4 : byte & 15;
            }
            done += literal;
            column += code;
            // Padded to two bytes, counted from the beginning of the file.
            at += bytes;
            at += at % 2;
        }
    }
    return done < pixels ? undefined : out;
}
