import { deflateSync } from "node:zlib";
import { pngChunk, pngFile } from "./pngFile";

/** Small files that would cost much: by what they claim, unpack to, or make a decoder do. */
export function bombs(): Record<string, Buffer> {
    const row = deflateSync(Buffer.alloc(52));
    const zeros = deflateSync(Buffer.alloc(100_000_000));
    const png = (width: number, height: number, data: Buffer, chunks?: Buffer[]) =>
        pngFile({ width, height, bitDepth: 8, colourType: 2, data, chunks });
    const text = (type: string, content: Buffer) =>
        pngChunk(type, Buffer.concat([Buffer.from("name\0\0"), content]));
    return {
        "PNG with 100 MB for 4 by 4 pixels": png(4, 4, zeros),
        "PNG that claims 2^31 by 2^31 pixels": png(0x7fffffff, 0x7fffffff, row),
        "PNG with no pixels": png(0, 0, row),
        "PNG of 49 million pixels without data": png(7000, 7000, row),
        "PNG of 49 million pixels": png(7000, 7000, deflateSync(Buffer.alloc(7000 * 21_001))),
        "PNG with a text of 100 MB": png(4, 4, row, [text("zTXt", zeros)]),
        "PNG with a colour profile of 100 MB": png(4, 4, row, [text("iCCP", zeros)]),
        "PNG with 100 000 texts": png(
            4,
            4,
            row,
            Array.from({ length: 100_000 }, (_, index) => pngChunk("tEXt", Buffer.from(`k${index}\0v`))),
        ),
        "PNG that is a single row": png(60_000, 1, deflateSync(Buffer.alloc(180_001))),
        "PNG that is a single column": png(1, 60_000, deflateSync(Buffer.alloc(4 * 60_000))),
        "GIF of 65535 by 65535 pixels": gif(65_535, 65_535, 1),
        "GIF with 100 000 frames": gif(10, 10, 100_000),
        "JPEG of 65500 by 65500 pixels": progressiveJpeg(65_500, 65_500, 1),
        "JPEG with 5000 scans of 49 million pixels": progressiveJpeg(7000, 7000, 5000),
        "JPEG with 3 MB before the image": jpegWithHeaders(50),
        "WebP of 16384 by 16384 pixels": webp(16_384, 16_384),
        "TIFF with 20 000 frames": tiff(20_000, 1, 1),
        "TIFF of 100 000 by 100 000 pixels": tiff(1, 100_000, 100_000),
        "TIFF whose frames are a circle": tiff(3, 1, 1, true),
        "BMP of 2^31 by 2^31 pixels": bmp(0x7fffffff, 0x7fffffff, 24),
        "BMP of 49 million pixels without data": bmp(7000, 7000, 24),
        "BMP of 49 million pixels, packed into its end": bmp(7000, 7000, 8, 1),
        "BMP with 4 billion colours": bmp(4, 4, 8, 0, 0xffffffff),
        "BMP of a negative width": bmp(-4, 4, 24),
    };
}

function gif(width: number, height: number, frames: number): Buffer {
    const head = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff", "latin1");
    head.writeUInt16LE(width, 6);
    head.writeUInt16LE(height, 8);
    const frame = Buffer.from("21f9040401000000" + "2c00000000010001000002024401" + "00", "hex");
    return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from(";")]);
}

function segment(marker: number, content: Buffer): Buffer {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
}

/** A grey JPEG of one colour, in which each scan goes over all its blocks and says that nothing changes. */
function progressiveJpeg(width: number, height: number, scans: number): Buffer {
    const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
    frame.writeUInt16BE(height, 1);
    frame.writeUInt16BE(width, 3);
    // One code each, of one bit: no change of brightness, and a run of 32767 blocks with nothing in them.
    const code = (table: number, symbol: number) => Buffer.from([table, 1, ...Array(15).fill(0), symbol]);
    const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
    const runs = `0${"1".repeat(14)}`.repeat(Math.ceil(blocks / 32_767));
    const bytes = runs.match(/.{1,8}/g)?.map((bits) => Number.parseInt(bits.padEnd(8, "1"), 2)) ?? [];
    const scan = (first: number, last: number, data: Buffer) =>
        Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, first, last, 0])), data]);
    const stuffed = Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte])));
    return Buffer.concat([
        Buffer.from([0xff, 0xd8]),
        segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)])),
        segment(0xc2, frame),
        segment(0xc4, code(0x00, 0)),
        segment(0xc4, code(0x10, 0xe0)),
        scan(0, 0, Buffer.alloc(Math.min(Math.ceil(blocks / 8), 200_000))),
        ...Array.from({ length: scans }, () => scan(1, 63, stuffed)),
        Buffer.from([0xff, 0xd9]),
    ]);
}

function jpegWithHeaders(count: number): Buffer {
    const headers = Array.from({ length: count }, (_, index) =>
        segment(0xe0 + (index % 16), Buffer.alloc(60_000)),
    );
    return Buffer.concat([Buffer.from([0xff, 0xd8]), ...headers, progressiveJpeg(16, 16, 1).subarray(2)]);
}

function webp(width: number, height: number): Buffer {
    const head = Buffer.from("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0", "latin1");
    head.writeUInt32LE(head.length - 8, 4);
    head.writeUIntLE(width - 1, 24, 3);
    head.writeUIntLE(height - 1, 27, 3);
    return head;
}

function tiff(frames: number, width: number, height: number, circle = false): Buffer {
    const tags = [
        ...[
            [256, width],
            [257, height],
            [258, 8],
            [259, 1],
            [262, 1],
            [273, 8],
            [277, 1],
            [278, height],
            [279, 1],
        ],
    ];
    const size = 2 + 12 * tags.length + 4;
    const file = Buffer.alloc(16 + frames * size);
    file.write("II*\0", "latin1");
    file.writeUInt32LE(16, 4);
    for (let frame = 0; frame < frames; frame++) {
        let at = file.writeUInt16LE(tags.length, 16 + frame * size);
        for (const [tag = 0, value = 0] of tags) {
            at = file.writeUInt16LE(tag, at);
            at = file.writeUInt16LE(4, at);
            at = file.writeUInt32LE(1, at);
            at = file.writeUInt32LE(value, at);
        }
        const isLast = frame === frames - 1;
        file.writeUInt32LE(isLast ? (circle ? 16 : 0) : at + 4, at);
    }
    return file;
}

export function bmp(
    width: number,
    height: number,
    bitsPerPixel: number,
    compression = 0,
    colours = 0,
): Buffer {
    const file = Buffer.alloc(54 + 4 * 256 + 16);
    file.write("BM", "latin1");
    file.writeUInt32LE(file.length, 2);
    file.writeUInt32LE(54 + 4 * 256, 10);
    file.writeUInt32LE(40, 14);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(bitsPerPixel, 28);
    file.writeUInt32LE(compression, 30);
    file.writeUInt32LE(colours, 46);
    // Where run lengths are expected: the end of the image.
    file.writeUInt16LE(0x0100, 54 + 4 * 256);
    return file;
}
