import type { Size } from "./pixels";
import type { Taps } from "./taps";

/** A resize whose taps are known, for an image that may not be decoded yet. */
export interface ResizePlan {
    /** The image, of `channels` interleaved 8-bit channels. */
    source: Size & { channels: number };
    /** What each column and each row of the result is made of. */
    columns: readonly Taps[];
    rows: readonly Taps[];
    /** Which pass comes first; there are only 8 bits between the two, so it matters. */
    first: "columns" | "rows";
}

/** Put the image into `source`, then `run`: gives the result, interleaved as the image is. */
export interface ResizeJob {
    source: Uint8Array;
    run(): Uint8Array;
}

/** One of the ways to do it; all give the same pixels. A job is to be run before the next is prepared. */
export type PrepareResize = (plan: ResizePlan) => ResizeJob;
