import type { Pixels } from "../classifier/src/image/pixels";

const NEAR_BORDER = 1 / 12;
/** A pixel that differs from the border by fewer of the border's own deviations is background. */
const UNLIKE = 4;
/** Spots on the object up to twice this many pixels wide are filled. */
const FILL = 8;
/** An area that is less than twice this many pixels wide is no object. */
const SMALLEST = 4;

/**
 * Marks the pixels of an image: 1 for the object, 0 for the background. The object is what differs in colour from most
 * of the image's border. Good enough to put an object that lies on something plain before another background.
 */
export function objectMask({ data, width, height }: Pixels): Uint8Array {
    const redGreen = new Float32Array(width * height);
    const yellowBlue = new Float32Array(width * height);
    for (let i = 0; i < redGreen.length; i++) {
        const red = data[i * 3] as number;
        const green = data[i * 3 + 1] as number;
        redGreen[i] = red - green;
        yellowBlue[i] = (red + green) / 2 - (data[i * 3 + 2] as number);
    }
    const band = Math.round(Math.min(width, height) * NEAR_BORDER);
    const isBorder = (_: number, i: number) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        return Math.min(x, y, width - 1 - x, height - 1 - y) < band;
    };
    const unlike = [redGreen, yellowBlue].map((channel) => deviations(channel, channel.filter(isBorder)));
    const differs = Uint8Array.from(redGreen, (_, i) =>
        Math.hypot(unlike[0]?.[i] ?? 0, unlike[1]?.[i] ?? 0) > UNLIKE ? 1 : 0,
    );
    return opened(closed(differs, width, FILL), width, SMALLEST);
}

/** How far each value is from what is usual, in units of how much the usual varies (and 4 grey levels at least). */
function deviations(values: Float32Array, usual: Float32Array): Float32Array {
    const centre = median(usual);
    // 1.48 medians of the distance are a standard deviation, which outliers do not disturb.
    const deviation = 1.48 * median(usual.map((value) => Math.abs(value - centre))) + 4;
    return values.map((value) => (value - centre) / deviation);
}

function median(values: Float32Array): number {
    return values.toSorted()[values.length >> 1] ?? 0;
}

function closed(mask: Uint8Array, width: number, radius: number): Uint8Array {
    return spread(spread(mask, width, radius, 1), width, radius, 0);
}

function opened(mask: Uint8Array, width: number, radius: number): Uint8Array {
    return spread(spread(mask, width, radius, 0), width, radius, 1);
}

/** Every pixel within `radius` of one with `value`, in a square, takes that value too. */
function spread(mask: Uint8Array, width: number, radius: number, value: 0 | 1): Uint8Array {
    const height = mask.length / width;
    const along = (from: Uint8Array, step: number, count: number, positionOf: (i: number) => number) => {
        const to = from.slice();
        for (let i = 0; i < from.length; i++) {
            if (from[i] !== value) continue;
            const position = positionOf(i);
            const first = Math.max(-radius, -position);
            const last = Math.min(radius, count - 1 - position);
            for (let k = first; k <= last; k++) to[i + k * step] = value;
        }
        return to;
    };
    const rows = along(mask, 1, width, (i) => i % width);
    return along(rows, width, height, (i) => Math.floor(i / width));
}
