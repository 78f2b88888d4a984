import { createHash } from "node:crypto";
import sharp from "../../classifier/node_modules/sharp";
import { openModel } from "../../classifier/src/model/openModel";
import { type Geometry, placementFor } from "../../classifier/src/placement";
import { preprocess } from "../../classifier/src/preprocess";
import { colourModelFolder, pngOfPixels } from "./support/colourModel";
import expected from "./support/resample.json";

const SIDE = 96;

/** The picture of resample.py. */
function picture(width: number, height: number): Buffer {
    return Buffer.from(
        Uint8Array.from({ length: width * height * 3 }, (_, index) => {
            const channel = index % 3;
            const x = Math.floor(index / 3) % width;
            const y = Math.floor(index / 3 / width);
            return (x * x * 7 + y * 13 + channel * 101 + x * y * 3) % 256;
        }),
    );
}

const RESIZES: Record<string, Geometry["resize"]> = {
    stretch: "stretch",
    floor: { shortestEdge: 111 },
    round: { shortestEdge: 111, crop: "round" },
};

describe("an image brought to a network's size", () => {
    test.each(Object.entries(expected.sha256))("by %s has the pixels of Pillow 13", async (name, sha256) => {
        const [resample, width, height, geometry = ""] = name.split(" ");
        const pixels = picture(Number(width), Number(height));
        const { data } = await preprocess(
            await pngOfPixels(pixels, Number(width), Number(height)),
            { width: SIDE, height: SIDE },
            { geometry: { resample: resample as Geometry["resample"], resize: RESIZES[geometry] } },
        );
        expect(createHash("sha256").update(data).digest("hex")).toBe(sha256);
    });

    test.each(["nearest", "bicubic", "lanczos", "box"] as const)(
        "by %s is the same from a JPEG as from its decoded pixels, also where JPEGs may be decoded fast",
        async (resample) => {
            const jpeg = await sharp(picture(400, 300), { raw: { width: 400, height: 300, channels: 3 } })
                .jpeg({ chromaSubsampling: "4:4:4" })
                .toBuffer();
            const decoded = await sharp(jpeg).png().toBuffer();
            const size = { width: SIDE, height: SIDE };
            const geometry = { resample, resize: { shortestEdge: 111 } };
            const [fromJpeg, fromPng] = await Promise.all(
                [jpeg, decoded].map((bytes) => preprocess(bytes, size, { mode: "fast", geometry })),
            );
            expect(Buffer.from(fromJpeg?.data ?? []).equals(Buffer.from(fromPng?.data ?? []))).toBe(true);
        },
    );

    test("keeps its transparent colours where it is converted first, as convert('RGB') does", async () => {
        const clear = await sharp({
            create: { width: 40, height: 40, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0 } },
        })
            .png()
            .toBuffer();
        const { data } = await preprocess(
            clear,
            { width: 8, height: 8 },
            { geometry: { resize: "stretch" } },
        );
        expect([...data.slice(0, 3)]).toEqual([200, 100, 50]);
    });

    test("may be resized to a height and a width first, and lies as model.yaml says", async () => {
        const model = await openModel(
            await colourModelFolder({
                "model.yaml": "preprocessing: { resize: { width: 10, height: 12 }, resample: lanczos }",
            }),
        );
        expect(model.geometry).toEqual({ resize: { width: 10, height: 12 }, resample: "lanczos" });
        expect(placementFor(model.size, model.geometry)({ width: 999, height: 1 })).toEqual({
            size: { width: 10, height: 12 },
            window: { left: 1, top: 2, width: 8, height: 8 },
            filter: "lanczos",
        });
    });

    test.each(["{ shortestEdge: 7 }", "{ width: 7, height: 9 }"])(
        "is never padded: a resize to %s for 8 by 8 is refused",
        async (resize) => {
            const folder = await colourModelFolder({ "model.yaml": `preprocessing: { resize: ${resize} }` });
            await expect(openModel(folder)).rejects.toThrow(/to hold the network's 8 by 8, found it smaller/);
        },
    );
});
