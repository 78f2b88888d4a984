import { BITFIELDS, type BmpHeader, RAW } from "./bmpHeader";

type Masks = NonNullable<BmpHeader["masks"]>;

const RGB555: Masks = [0x7c00, 0x3e0, 0x1f, 0];
const RGB565: Masks = [0xf800, 0x7e0, 0x1f, 0];
const BGR: Masks = [0xff0000, 0xff00, 0xff, 0];
const BGRA: Masks = [0xff0000, 0xff00, 0xff, 0xff000000];
const NONE: Masks = [0, 0, 0, 0];
/** The layouts that Pillow knows. */
const MASKS: Record<number, readonly Masks[]> = {
    16: [RGB565, RGB555],
    24: [BGR],
    32: [
        BGR,
        BGRA,
        [0xff000000, 0xff0000, 0xff00, 0],
        [0xff000000, 0xff00, 0xff, 0],
        [0xff000000, 0xff0000, 0xff00, 0xff],
        [0xff, 0xff00, 0xff0000, 0xff000000],
        [0xff000000, 0xff00, 0xff, 0xff0000],
        NONE,
    ],
};

/** Pixels of 16, 24 or 32 bits as RGB, or as RGBA where the file has a mask for it, from the bottom or the top. */
export function readBmpColours(file: Buffer, header: BmpHeader): { data: Uint8Array; channels: 3 | 4 } {
    const { width, height, bits, topDown } = header;
    const masks = masksOf(header);
    const channels = masks[3] === 0 ? 3 : 4;
    const shifts = masks.slice(0, channels).map((mask) => 31 - Math.clz32(mask & -mask));
    const mosts = shifts.map((shift, channel) => (masks[channel] as number) >>> shift);
    const bytes = bits / 8;
    const stride = Math.ceil((width * bits) / 32) * 4;
    const data = new Uint8Array(width * height * channels);
    let to = 0;
    for (let row = 0; row < height; row++) {
        let from = header.start + (topDown ? row : height - 1 - row) * stride;
        for (let column = 0; column < width; column++, from += bytes) {
            for (let channel = 0; channel < channels; channel++) {
                const shift = shifts[channel] as number;
                if (bits === 16) {
                    const most = mosts[channel] as number;
                    const value = (file.readUInt16LE(from) >>> shift) & most;
                    data[to++] = Math.trunc((value * 255) / most);
                } else {
                    // The masks of the other depths are whole bytes.
                    data[to++] = file[from + (shift >> 3)] as number;
                }
            }
        }
    }
    return { data, channels };
}

function masksOf({ bits, compression, masks }: BmpHeader): Masks {
    if (compression === RAW) {
        return bits === 16 ? RGB555 : BGR;
    }
    const found = (MASKS[bits] ?? []).find((known) =>
        known.every((mask, channel) => mask === masks?.[channel] || (bits < 32 && channel === 3)),
    );
    if (compression !== BITFIELDS || !found) {
        const all = masks?.map((mask) => `0x${mask.toString(16)}`).join(", ");
        throw new Error(
            `a BMP of ${bits} bits with ${compression === BITFIELDS ? `the masks ${all}` : `compression ${compression}`}, which is not read`,
        );
    }
    return found === NONE ? BGRA : found;
}
