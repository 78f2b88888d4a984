import { dirname, join } from "node:path";
import type { Size, Window } from "./pixels";

/** How much of a JPEG is decoded: one pixel of so many in each direction, and of what comes out some columns. */
export interface JpegPart {
    shrink: 1 | 2 | 4 | 8;
    /** Multiples of what `blockWidth` gives, unless it reaches the right edge. */
    columns: Pick<Window, "left" | "width">;
}

/** libjpeg-turbo, called directly: it blocks the thread, and costs a third of what sharp's pipeline does. */
export interface Libjpeg {
    /**
     * Decodes to RGB into memory that holds the part exactly. False if libjpeg has anything to say against the file, be
     * it a warning; what is in `target` then is not the image.
     */
    decode(file: Uint8Array, size: Size, part: JpegPart, target: Uint8Array): boolean;
    /** Width of the blocks, in pixels once shrunk, between which an image can be cut; 0 if the file cannot be read. */
    blockWidth(file: Uint8Array, size: Size, shrink: JpegPart["shrink"]): number;
}

// These are constants of turbojpeg.h in libjpeg-turbo 3.
const TJINIT_DECOMPRESS = 1;
const TJPF_RGB = 0;
const PARAM = { stopOnWarning: 0, subsampling: 4, width: 5, height: 6 };
/** Pixels per block by subsampling: 4:4:4, 4:2:2, 4:2:0, grey, 4:4:0, 4:1:1, 4:4:1. */
const BLOCK_WIDTHS = [8, 16, 16, 8, 8, 32, 8];

/**
 * Opens the libjpeg-turbo that the package @julusian/jpeg-turbo brings for Linux; its own functions are not used, as they
 * decode with the fast and inexact transform only. Undefined on other machines.
 */
export function openLibjpeg(): Libjpeg | undefined {
    const library = loadLibrary();
    if (!library) {
        return undefined;
    }
    const { init, header, get, set, setScale, setCrop, decompress } = library;
    const handle = init(TJINIT_DECOMPRESS);
    if (!handle) {
        return undefined;
    }
    set(handle, PARAM.stopOnWarning, 1);

    const readsAs = (file: Uint8Array, { width, height }: Size) =>
        header(handle, file, file.length) === 0 &&
        get(handle, PARAM.width) === width &&
        get(handle, PARAM.height) === height;

    return {
        blockWidth(file, size, shrink) {
            if (!readsAs(file, size)) {
                return 0;
            }
            return (BLOCK_WIDTHS[get(handle, PARAM.subsampling)] ?? 0) / shrink;
        },
        decode(file, size, { shrink, columns }, target) {
            const { height } = shrunkSize(size, shrink);
            return (
                target.length === columns.width * height * 3 &&
                readsAs(file, size) &&
                setScale(handle, { num: 1, denom: shrink }) === 0 &&
                setCrop(handle, { x: columns.left, y: 0, w: columns.width, h: height }) === 0 &&
                decompress(handle, file, file.length, target, 0, TJPF_RGB) === 0
            );
        },
    };
}

/** The size that libjpeg gives an image. */
export function shrunkSize({ width, height }: Size, shrink: JpegPart["shrink"]): Size {
    return { width: Math.ceil(width / shrink), height: Math.ceil(height / shrink) };
}

function loadLibrary() {
    if (process.platform !== "linux") {
        return undefined;
    }
    const folder = dirname(require.resolve("@julusian/jpeg-turbo/package.json"));
    const file = join(folder, "prebuilds", `jpeg-turbo-linux-${process.arch}`, "libturbojpeg.so.0");
    try {
        const koffi = require("koffi") as typeof import("koffi");
        const library = koffi.load(file);
        const scale = koffi.struct({ num: "int", denom: "int" });
        const region = koffi.struct({ x: "int", y: "int", w: "int", h: "int" });
        const bytes = "uint8_t *";
        return {
            init: library.func("tj3Init", "void *", ["int"]),
            header: library.func("tj3DecompressHeader", "int", ["void *", bytes, "size_t"]),
            get: library.func("tj3Get", "int", ["void *", "int"]),
            set: library.func("tj3Set", "int", ["void *", "int", "int"]),
            setScale: library.func("tj3SetScalingFactor", "int", ["void *", scale]),
            setCrop: library.func("tj3SetCroppingRegion", "int", ["void *", region]),
            decompress: library.func("tj3Decompress8", "int", [
                "void *",
                bytes,
                "size_t",
                bytes,
                "int",
                "int",
            ]),
        };
    } catch {
        // A machine for which there are no binaries, or whose C library they do not fit: sharp decodes there.
        return undefined;
    }
}
