import { crc32 } from "node:zlib";

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

/** What a PNG's head says, and its compressed rows, which need not go with it. */
export interface PngParts {
    width: number;
    height: number;
    bitDepth: number;
    /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
    colourType: number;
    data: Buffer;
    /** Chunks between head and data, such as a palette. */
    chunks?: Buffer[];
}

/** Puts a PNG together, as an encoder that can be told to lie. */
export function pngFile({ width, height, bitDepth, colourType, data, chunks = [] }: PngParts): Buffer {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head[8] = bitDepth;
    head[9] = colourType;
    return Buffer.concat([
        SIGNATURE,
        pngChunk("IHDR", head),
        ...chunks,
        pngChunk("IDAT", data),
        pngChunk("IEND", Buffer.alloc(0)),
    ]);
}

export function pngChunk(type: string, content: Buffer): Buffer {
    const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(content.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
}
