import type { ImageTools } from "../../../classifier/src/image/jpegPixels";
import { openLibjpeg } from "../../../classifier/src/image/libjpeg";
import { prepareResizePlain } from "../../../classifier/src/image/resizePlain";
import { openSimdResize } from "../../../classifier/src/image/resizeSimd";

const libjpeg = openLibjpeg();
const simd = openSimdResize();

/** Every way from a file to pixels that this machine has, whichever the service would take. */
export const waysToDecode: Record<string, ImageTools> = {
    ...(libjpeg && simd && { "libjpeg and vectors": { libjpeg, prepareResize: simd } }),
    ...(libjpeg && { "libjpeg and plain arithmetic": { libjpeg, prepareResize: prepareResizePlain } }),
    ...(simd && { "sharp and vectors": { prepareResize: simd } }),
    "sharp and plain arithmetic": { prepareResize: prepareResizePlain },
};
