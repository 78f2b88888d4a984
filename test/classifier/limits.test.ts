import sharp from "../../classifier/node_modules/sharp";
import { preprocess } from "../../classifier/src/preprocess";
import { bombs } from "./support/bombs";

const NETWORK = { width: 224, height: 224 };

describe.each(["exact", "fast"] as const)("limits of images, in mode %s", (mode) => {
    const files = bombs();
    const open = (bytes: Buffer, maxPixels?: number) => preprocess(bytes, NETWORK, { mode, maxPixels });

    // Each of these costs seconds to minutes, or gigabytes, if it is let through.
    test.each([
        ["JPEG with 5000 scans of 49 million pixels", "more than 100 scans"],
        ["JPEG of 65500 by 65500 pixels", "pixel limit"],
        ["PNG that claims 2^31 by 2^31 pixels", "Expected a JPEG"],
        ["WebP of 16384 by 16384 pixels", "Expected a JPEG"],
        ["TIFF of 100 000 by 100 000 pixels", "pixel limit"],
        ["TIFF with 20 000 frames", "20000 frames, and at most 1000 are looked at"],
        ["GIF of 65535 by 65535 pixels", "a GIF of 65535 by 65535 pixels"],
        ["PNG that is a single row", "at most some 1000 times as long as wide, got one of 60000 by 1 pixels"],
        [
            "PNG that is a single column",
            "at most some 1000 times as long as wide, got one of 1 by 60000 pixels",
        ],
        ["BMP of 2^31 by 2^31 pixels", "a BMP of 2147483647 by 2147483647 pixels"],
        [
            "BMP of 49 million pixels, packed into its end",
            "a BMP of 7000 by 7000 pixels in 1094 bytes: it is truncated",
        ],
    ])("refuse a %s", async (name, sentence) => {
        await expect(open(files[name] ?? Buffer.alloc(0))).rejects.toMatchObject({
            status: 400,
            code: "BadRequestImageFormat",
            message: expect.stringContaining(sentence),
        });
    });

    test("look at no more than the first frame of a GIF", async () => {
        expect(await open(files["GIF with 100 000 frames"] ?? Buffer.alloc(0))).toMatchObject(NETWORK);
    });

    test("let the images through that people have", async () => {
        const red = (width: number, height: number) =>
            sharp({ create: { width, height, channels: 3, background: "red" } });
        const panorama = await red(4000, 40).jpeg({ progressive: true }).toBuffer();
        const raw = { width: 20, height: 300 * 20, channels: 3 as const, pageHeight: 20 };
        const frames = await red(raw.width, raw.height).raw().toBuffer();
        const animation = await sharp(frames, { raw }).gif({ keepDuplicateFrames: true }).toBuffer();
        expect((await sharp(animation).metadata()).pages).toBe(300);
        for (const image of [panorama, animation]) {
            const [r, g, b] = (await open(image)).data;
            expect([r, g, b]).toEqual([expect.any(Number), 0, 0]);
            expect(r).toBeGreaterThan(250);
        }
    });

    test("are as many pixels as the service is told", async () => {
        const image = await sharp({ create: { width: 100, height: 100, channels: 3, background: "red" } })
            .png()
            .toBuffer();
        expect(await open(image, 10_000)).toMatchObject(NETWORK);
        await expect(open(image, 9_999)).rejects.toThrow("at most 9999 pixels");
    });
});
