import { type JpegHeader, MAX_SCANS, readJpegHeader, scansOf } from "./jpegHeader";
import { type JpegPart, type Libjpeg, openLibjpeg, shrunkSize } from "./libjpeg";
import { liesOnItsSide, mirrorings, transposed } from "./orientation";
import type { Pixels, Placement, Size } from "./pixels";
import { preparationFor, prepareResize } from "./resize";
import type { PrepareResize } from "./resizeJob";
import { mirrored, reachOf, shifted, tapsOf } from "./taps";

const SHRINKS = [8, 4, 2] as const;

/** The code that decodes and resizes; `libjpeg` is undefined on a machine that has none. */
export interface ImageTools {
    libjpeg?: Libjpeg;
    prepareResize: PrepareResize;
}

/** The fastest that this machine has. */
export const imageTools: ImageTools = { libjpeg: openLibjpeg(), prepareResize };

/**
 * Makes the pixels of a JPEG without sharp: the same as with it where `mode` is `exact`, in a third of the time; where
 * it is `fast`, from an image decoded at the smallest of a half, a quarter or an eighth of its size that is not below the
 * one wanted. Undefined for everything that is unusual, which sharp then decodes or refuses.
 */
export function jpegPixels(
    bytes: Uint8Array,
    maxPixels: number,
    place: Placement,
    mode: "exact" | "fast",
    { libjpeg, prepareResize: prepare }: ImageTools = imageTools,
): Pixels | undefined {
    const header = libjpeg && readJpegHeader(bytes);
    if (!header || !isUsual(header, bytes, maxPixels)) {
        return undefined;
    }
    const turned = liesOnItsSide(header.orientation);
    const upright = turned ? { width: header.height, height: header.width } : header;
    const { size, window, filter } = place(upright);
    if (filter === "nearest") {
        return undefined;
    }

    const wanted = turned ? { width: size.height, height: size.width } : size;
    const shrink = mode === "exact" ? 1 : mostShrink(header, wanted);
    const whole = shrunkSize(header, shrink);
    // Along the image as it is stored: the upright one's columns are its rows where it lies on its side.
    const across = turned ? whole.height : whole.width;
    const down = turned ? whole.width : whole.height;
    const { mirroredAcross, mirroredDown } = mirrorings(header.orientation);
    const uprightColumns = tapsOf(across, size.width, window.left, window.width, filter);
    const uprightRows = tapsOf(down, size.height, window.top, window.height, filter);
    const alongAcross = mirroredAcross ? mirrored(uprightColumns, across) : uprightColumns;
    const alongDown = mirroredDown ? mirrored(uprightRows, down) : uprightRows;

    const columns = turned ? alongDown : alongAcross;
    const blockWidth = libjpeg.blockWidth(bytes, header, shrink);
    if (blockWidth === 0) {
        return undefined;
    }
    const part: JpegPart = { shrink, columns: neededColumns(reachOf(columns), whole.width, blockWidth) };
    const job = preparationFor(
        filter,
        prepare,
    )({
        source: { width: part.columns.width, height: whole.height, channels: 3 },
        columns: shifted(columns, part.columns.left),
        rows: turned ? alongAcross : alongDown,
        // Pillow first makes the columns of the upright image, which are rows where the file lies on its side.
        first: turned ? "rows" : "columns",
    });
    if (!libjpeg.decode(bytes, header, part, job.source)) {
        return undefined;
    }
    const data = job.run();
    return {
        data: turned ? transposed(data, window) : data,
        width: window.width,
        height: window.height,
    };
}

function isUsual(header: JpegHeader, bytes: Uint8Array, maxPixels: number): boolean {
    const { width, height, components, progressive } = header;
    return (
        width > 0 &&
        height > 0 &&
        width * height <= maxPixels &&
        (components === 1 || components === 3) &&
        !(progressive && scansOf(bytes) > MAX_SCANS)
    );
}

function mostShrink(image: Size, wanted: Size): JpegPart["shrink"] {
    const most = SHRINKS.find((shrink) => {
        const shrunk = shrunkSize(image, shrink);
        return shrunk.width >= wanted.width && shrunk.height >= wanted.height;
    });
    return most ?? 1;
}

/** Whole blocks, and one more on either side: at a cut, colour is not blended with what is beyond it. */
function neededColumns(
    { first, end }: { first: number; end: number },
    width: number,
    blockWidth: number,
): JpegPart["columns"] {
    const left = Math.max(0, Math.floor(first / blockWidth) - 1) * blockWidth;
    const right = Math.min(width, (Math.ceil(end / blockWidth) + 1) * blockWidth);
    return { left, width: right - left };
}
