const MOST_CODES = 4096;

/** Unpacks the LZW of GIF from sub-blocks until `pixels` indices are there; undefined where it says fewer, or nonsense. */
export function unpackLzw(
    blocks: Iterable<Uint8Array>,
    bits: number,
    pixels: number,
): Uint8Array | undefined {
    const clear = 1 << bits;
    const end = clear + 1;
    // A code stands for what another stands for, and one more index.
    const prefix = new Uint16Array(MOST_CODES);
    const suffix = Uint8Array.from({ length: MOST_CODES }, (_, code) => code);
    const lengths = new Uint16Array(MOST_CODES).fill(1);
    const out = new Uint8Array(pixels);
    let done = 0;
    let next = end + 1;
    let width = bits + 1;
    let last = -1;
    let held = 0;
    let filled = 0;
    for (const block of blocks) {
        for (const byte of block) {
            held |= byte << filled;
            filled += 8;
            while (filled >= width) {
                const code = held & ((1 << width) - 1);
                held >>>= width;
                filled -= width;
                if (code === clear) {
                    next = end + 1;
                    width = bits + 1;
                    last = -1;
                    continue;
                }
                if (code === end || code > next || (code === next && last < 0) || (last < 0 && code > end)) {
                    return undefined;
                }
                // A code that is only being made begins with what the last one begins with.
                const known = code < next ? code : last;
                const length = (lengths[known] as number) + (code < next ? 0 : 1);
                let from = known;
                for (let at = done + (lengths[known] as number) - 1; at >= done; at--) {
                    out[at] = suffix[from] as number;
                    from = prefix[from] as number;
                }
                const first = out[done] as number;
                if (code >= next && done + length - 1 < pixels) {
                    out[done + length - 1] = first;
                }
                if (last >= 0 && next < MOST_CODES) {
                    prefix[next] = last;
                    suffix[next] = first;
                    lengths[next] = (lengths[last] as number) + 1;
                    next++;
                    if (next === 1 << width && width < 12) {
                        width++;
                    }
                }
                last = code;
                done += length;
                if (done >= pixels) {
                    return out;
                }
            }
        }
    }
    return undefined;
}
