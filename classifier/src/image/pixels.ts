/** An image as the network sees it: 8-bit RGB, interleaved, rows from the top. */
export interface Pixels {
    data: Uint8Array;
    width: number;
    height: number;
}

export interface Size {
    width: number;
    height: number;
}

/** A part of an image, in pixels from its upper left corner. */
export interface Window extends Size {
    left: number;
    top: number;
}

/** Pillow's ways to make few samples of many. */
export type Filter = "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";

/** Where an upright image goes: the size it is resized to, by default bilinear, and the part of that which is wanted. */
export type Placement = (upright: Size) => { size: Size; window: Window; filter?: Filter };

/** What its file says an image is made of; resizing and the way to RGB depend on it, as they do in Pillow. */
export type ColourModel = "rgb" | "rgba" | "cmyk" | "palette";

/** A decoded, upright image: 8 bits per channel, interleaved; a palette's colours are already looked up. */
export interface DecodedImage extends Size {
    data: Uint8Array;
    channels: 3 | 4;
    colourModel: ColourModel;
}
