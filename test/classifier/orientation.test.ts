import sharp from "../../classifier/node_modules/sharp";
import { imageTools } from "../../classifier/src/image/jpegPixels";
import type { PreprocessOptions } from "../../classifier/src/preprocess";
import { preprocess } from "../../classifier/src/preprocess";

const COLOURS = {
    red: [220, 20, 20],
    green: [20, 200, 20],
    blue: [20, 20, 220],
    white: [240, 240, 240],
    black: [0, 0, 0],
};
const [WIDTH, HEIGHT] = [96, 64];

/** What is seen upright in the corners, row by row, of a picture that is stored as red, green / blue, white. */
const UPRIGHT: [orientation: number, corners: string][] = [
    [1, "red green / blue white"],
    [2, "green red / white blue"],
    [3, "white blue / green red"],
    [4, "blue white / red green"],
    [5, "red blue / green white"],
    [6, "blue red / white green"],
    [7, "white green / blue red"],
    [8, "green white / red blue"],
];

/** Wider than high, with black at both ends, which the crop of the middle leaves out. */
const stored = () => {
    const { red, green, blue, white, black } = COLOURS;
    const pixels = Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
        const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
        const [left, right] = y < HEIGHT / 2 ? [red, green] : [blue, white];
        return x < 16 || x >= WIDTH - 16 ? black : x < WIDTH / 2 ? left : right;
    });
    return sharp(Buffer.from(pixels.flat()), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
};

const nearest = (pixel: Uint8Array) => {
    const distance = ([, colour]: [string, number[]]) =>
        colour.reduce((sum, value, channel) => sum + Math.abs(value - (pixel[channel] ?? 0)), 0);
    return Object.entries(COLOURS).toSorted((one, other) => distance(one) - distance(other))[0]?.[0];
};

/** What is seen in the corners of the picture that a network gets. */
async function cornersOf(file: Buffer, options: PreprocessOptions): Promise<string> {
    const { data } = await preprocess(file, { width: 16, height: 16 }, options);
    const at = (x: number, y: number) => nearest(data.subarray((y * 16 + x) * 3).subarray(0, 3));
    return `${at(2, 2)} ${at(13, 2)} / ${at(2, 13)} ${at(13, 13)}`;
}

describe("an image is classified upright", () => {
    const withoutLibjpeg = { ...imageTools, libjpeg: undefined };
    const ways: [string, "png" | "webp" | "tiff" | "jpeg", PreprocessOptions][] = [
        ["PNG", "png", {}],
        ["WebP", "webp", {}],
        ["TIFF", "tiff", {}],
        ["JPEG", "jpeg", {}],
        ["JPEG in fast mode", "jpeg", { mode: "fast" }],
        ["JPEG without libjpeg", "jpeg", { tools: withoutLibjpeg }],
        ["JPEG without libjpeg in fast mode", "jpeg", { mode: "fast", tools: withoutLibjpeg }],
    ];
    describe.each(ways)("as a %s", (_name, format, options) => {
        test.each(UPRIGHT)("in orientation %i", async (orientation, corners) => {
            const file = await stored().withMetadata({ orientation }).toFormat(format).toBuffer();
            expect(await cornersOf(file, options)).toBe(corners);
        });
    });
});

describe("a JPEG whose orientation stands in XMP alone", () => {
    const inXmp = async (orientation: number) => {
        const packet = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="${orientation}"/></x:xmpmeta>`;
        const [head, length] = [Buffer.of(0xff, 0xe1), Buffer.alloc(2)];
        length.writeUInt16BE(packet.length + 2);
        const file = await stored().jpeg().toBuffer();
        return Buffer.concat([file.subarray(0, 2), head, length, Buffer.from(packet), file.subarray(2)]);
    };

    test.each(UPRIGHT)("is turned by %i, in fast mode as well", async (orientation, corners) => {
        const file = await inXmp(orientation);
        expect(await cornersOf(file, {})).toBe(corners);
        expect(await cornersOf(file, { mode: "fast" })).toBe(corners);
    });
});
