import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "../../classifier/node_modules/sharp";
import { classify } from "../../classifier/src/classify";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { coveringSize } from "../../classifier/src/placement";
import { preprocess } from "../../classifier/src/preprocess";
import { describeWith, sharedData } from "../support/sharedData";
import { waysToDecode } from "./support/waysToDecode";

interface ExpectedImage {
    probabilities: Record<string, number>;
    top_label: string;
    reference_sha256: string;
}

const EXACT = { preprocessing: "exact", maxPixels: 50_000_000 } as const;

function expectedImages<T>(folder: string): [string, T][] {
    const { images } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
    return Object.entries(images);
}

async function largestDifference(
    model: Model,
    image: Buffer,
    expected: Record<string, number>,
): Promise<number> {
    const predictions = await classify(model, image, EXACT);
    return Math.max(
        ...predictions.map(({ label, probability }) => Math.abs(probability - (expected[label] ?? 2))),
    );
}

describeWith("parity")("parity with Pillow in the order of the exported container", () => {
    const folder = sharedData("parity");
    const images = expectedImages<ExpectedImage>(folder);
    let model: Model;
    beforeAll(async () => {
        model = await openModel(join(folder, "..", "custom-vision", "derived-general-compact-224-onnx"));
    });

    test("covers all variants", () => {
        expect(images).toHaveLength(27);
    });

    describe.each(Object.entries(waysToDecode))("decoded and resized by %s", (_way, tools) => {
        test.each(images)("%s has Pillow's pixels", async (name, { reference_sha256 }) => {
            const bytes = readFileSync(join(folder, "images", name));
            const { data, ...size } = await preprocess(bytes, { width: 224, height: 224 }, { tools });
            expect(size).toMatchObject({ width: 224, height: 224 });
            expect(createHash("sha256").update(data).digest("hex")).toBe(reference_sha256);
        });
    });

    test.each(images)("%s has the container's probabilities", async (name, expected) => {
        const bytes = readFileSync(join(folder, "images", name));
        expect(await largestDifference(model, bytes, expected.probabilities)).toBeLessThan(0.0005);
    });

    test.each(images.filter(([name]) => /\.jpg$/.test(name)))(
        "%s comes near to that in fast mode",
        async (name, { top_label, reference_sha256, probabilities }) => {
            const bytes = readFileSync(join(folder, "images", name));
            const predictions = await classify(model, bytes, { ...EXACT, preprocessing: "fast" });
            const [top] = predictions.toSorted((one, other) => other.probability - one.probability);
            expect(top?.label).toBe(top_label);
            for (const { label, probability } of predictions) {
                expect(Math.abs(probability - (probabilities[label] ?? 2))).toBeLessThan(0.08);
            }
            const { data } = await preprocess(bytes, model.size, { mode: "fast" });
            const isFast = createHash("sha256").update(data).digest("hex") !== reference_sha256;
            expect(isFast).toBe(name !== "cmyk.jpg");
        },
    );
});

describeWith("custom-vision")("parity with exported models", () => {
    const folder = sharedData("custom-vision");
    test.each([
        ["derived-general-compact-224-onnx", "probabilities", "."],
        ["catdog-onnx12-2class", "probabilities_shorter2022", "catdog-onnx12-2class/images"],
        ["catdog-onnx10-multilabel", "probabilities_shorter2022", "catdog-onnx10-multilabel/images"],
    ])("%s gives the expected probabilities", async (name, key, images) => {
        const model = await openModel(join(folder, name));
        const expected = expectedImages<Record<string, Record<string, number>>>(join(folder, name));
        expect(expected.length).toBe(5);
        for (const [image, values] of expected) {
            const bytes = readFileSync(join(folder, images, image));
            expect(await largestDifference(model, bytes, values[key] ?? {})).toBeLessThan(0.005);
        }
    });
});

describe("preprocessing", () => {
    const net = { width: 4, height: 4 };
    const picture = (channels: 3 | 4, pixels: number[], width: number) =>
        sharp(Buffer.from(pixels), { raw: { width, height: pixels.length / channels / width, channels } });

    test("keeps the colour under transparency instead of blending it with a ground", async () => {
        const half = Array.from({ length: 16 }, () => [200, 100, 40, 128]).flat();
        const { data } = await preprocess(await picture(4, half, 4).png().toBuffer(), net);
        expect([...data.subarray(0, 3)]).toEqual([200, 100, 40]);
    });

    test.each([
        [448, 449, 224, 224],
        [448, 451, 224, 226],
        [449, 448, 224, 224],
        [3, 448, 224, 33451],
        [1, 1, 224, 224],
    ])(
        "gives an image of %i x %i a size of %i x %i, rounded half to even",
        (width, height, scaledWidth, scaledHeight) => {
            const scaled = coveringSize({ width, height }, { width: 224, height: 224 });
            expect(scaled).toEqual({ width: scaledWidth, height: scaledHeight });
        },
    );

    test("covers a network that is not square", () => {
        const wide = { width: 200, height: 100 };
        expect(coveringSize({ width: 300, height: 300 }, wide)).toEqual({ width: 200, height: 200 });
        expect(coveringSize({ width: 900, height: 300 }, wide)).toEqual({ width: 300, height: 100 });
    });

    test("crops the middle of the longer side", async () => {
        const columns = Array.from({ length: 4 }, () =>
            [0, 0, 10, 20, 30, 40, 0, 0].flatMap((v) => [v, v, v]),
        ).flat();
        const { data } = await preprocess(await picture(3, columns, 8).png().toBuffer(), net);
        expect([data[0], data[3], data[6], data[9]]).toEqual([10, 20, 30, 40]);
    });

    test("ignores an embedded colour profile", async () => {
        const red = Array.from({ length: 16 }, () => [250, 10, 10]).flat();
        const plain = await picture(3, red, 4).png().toBuffer();
        const tagged = await sharp(plain).withIccProfile("p3", { attach: true }).png().toBuffer();
        const untouched = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
        expect([...(await preprocess(tagged, net)).data]).toEqual([...untouched]);
    });

    /** A BMP of 4 x 4 pixels that are all the last colour of a palette: rows of 4 bytes, from the bottom. */
    const paletteBmp = (bits: 1 | 4 | 8, [red, green, blue]: [number, number, number]) => {
        const colours = 2 ** bits;
        const header = Buffer.alloc(54);
        header.write("BM");
        header.writeUInt32LE(54 + 4 * colours, 10);
        for (const [offset, value] of [
            [14, 40],
            [18, 4],
            [22, 4],
            [26, 1],
            [28, bits],
        ] as const) {
            header.writeUInt16LE(value, offset);
        }
        const palette = Buffer.alloc(4 * colours);
        palette.set([blue, green, red], 4 * (colours - 1));
        return Buffer.concat([header, palette, Buffer.alloc(16, 0xff)]);
    };

    test.each([1, 4, 8] as const)("reads a BMP with a palette of %i bits", async (bits) => {
        const { data } = await preprocess(paletteBmp(bits, [200, 100, 40]), net);
        expect([...data]).toEqual(Array.from({ length: 16 }, () => [200, 100, 40]).flat());
    });

    /** A BMP of 2 x 2 pixels: red, green / blue, white. */
    const colourBmp = (bits: 24 | 32, topDown: boolean) => {
        const rows = [
            [
                [255, 0, 0],
                [0, 255, 0],
            ],
            [
                [0, 0, 255],
                [255, 255, 255],
            ],
        ].map((row) => [
            ...row.flatMap(
                ([red, green, blue]) => [blue, green, red, ...(bits === 32 ? [0] : [])] as number[],
            ),
            ...(bits === 24 ? [0, 0] : []),
        ]);
        const header = Buffer.alloc(54);
        header.write("BM");
        header.writeUInt32LE(54, 10);
        header.writeUInt32LE(40, 14);
        header.writeInt32LE(2, 18);
        header.writeInt32LE(topDown ? -2 : 2, 22);
        header.writeUInt16LE(1, 26);
        header.writeUInt16LE(bits, 28);
        return Buffer.concat([header, Buffer.from((topDown ? rows : rows.toReversed()).flat())]);
    };

    test.each([
        [24, false],
        [24, true],
        [32, false],
        [32, true],
    ] as const)("reads a BMP of %i bits, its rows from the top: %s", async (bits, topDown) => {
        const { data } = await preprocess(colourBmp(bits, topDown), { width: 2, height: 2 });
        expect([...data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    });

    test.each([false, true])(
        "refuses a BMP with more pixels than allowed, from the top: %s",
        async (topDown) => {
            const bmp = colourBmp(24, topDown);
            await expect(preprocess(bmp, net, { maxPixels: 4 })).resolves.toMatchObject(net);
            await expect(preprocess(bmp, net, { maxPixels: 3 })).rejects.toThrow(
                "at most 3 pixels, got: a BMP of 2 by 2 pixels",
            );
        },
    );

    test("resizes a palette's colours without mixing them, as Pillow does, and greys with mixing", async () => {
        const indexed = (palette: (index: number) => number) => {
            const header = Buffer.alloc(54 + 1024);
            header.write("BM");
            header.writeUInt32LE(header.length, 10);
            for (const [offset, value] of [
                [14, 40],
                [18, 8],
                [22, 8],
                [26, 1],
                [28, 8],
            ] as const) {
                header.writeUInt16LE(value, offset);
            }
            for (let index = 0; index < 256; index++) {
                header.fill(palette(index), 54 + 4 * index, 54 + 4 * index + 3);
            }
            const stripes = Buffer.from(Array.from({ length: 64 }, (_, at) => (at % 2) * 255));
            return preprocess(Buffer.concat([header, stripes]), net);
        };
        const colours = await indexed((index) => 255 - index);
        expect([...new Set(colours.data)].every((value) => value === 0 || value === 255)).toBe(true);
        const greys = await indexed((index) => index);
        expect([...greys.data].some((value) => value > 20 && value < 235)).toBe(true);
    });

    test.each([
        ["grey", (image: Sharp) => image.greyscale().png(), [80, 80, 80]],
        ["colours of 16 bits", (image: Sharp) => image.toColourspace("rgb16").png(), [80, 80, 80]],
        ["grey under transparency", (image: Sharp) => image.ensureAlpha(0.5).greyscale().png(), [80, 80, 80]],
        ["a palette", (image: Sharp) => image.png({ palette: true }), [80, 80, 80]],
    ] as [string, (image: Sharp) => Sharp, number[]][])("reads a PNG of %s", async (_name, write, rgb) => {
        const image = sharp({
            create: { width: 9, height: 6, channels: 3, background: { r: 80, g: 80, b: 80 } },
        });
        const { data } = await preprocess(await write(image).toBuffer(), net);
        expect([...data]).toEqual(Array.from({ length: 16 }, () => rgb).flat());
    });

    test.each([
        ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
        ["PDF", Buffer.from("%PDF-1.4\n")],
        ["text", Buffer.from("hello")],
        ["nothing", Buffer.alloc(0)],
        ["the first bytes of a BMP", Buffer.from("BM")],
        ["a BMP that claims to be enormous", Buffer.concat([Buffer.from("BM"), Buffer.alloc(60, 0x7f)])],
    ])("refuses %s as the caller's mistake", async (_name, bytes) => {
        await expect(preprocess(bytes, net)).rejects.toMatchObject({
            status: 400,
            code: "BadRequestImageFormat",
        });
    });

    test("refuses an image with too many pixels, and a truncated one", async () => {
        const png = await sharp({ create: { width: 200, height: 100, channels: 3, background: "red" } })
            .png({ compressionLevel: 0 })
            .toBuffer();
        await expect(preprocess(png, net, { maxPixels: 19_999 })).rejects.toThrow(/at most 19999 pixels/);
        await expect(preprocess(png.subarray(0, png.length / 2), net)).rejects.toMatchObject({ status: 400 });
    });
});
