import { readdirSync, readFileSync } from "node:fs";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { probe } from "../../classifier/src/model/probe";
import { readSamples } from "../../classifier/src/model/samples";
import { preprocess } from "../../classifier/src/preprocess";
import type { TensorFormat } from "../../classifier/src/tensor";
import { describeWith, sharedData } from "../support/sharedData";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";

const prepared = (model: Model, format: Partial<TensorFormat>): Model => ({
    ...model,
    format: { ...model.format, ...format },
});

describeWith("custom-vision")("the probe of a real export", () => {
    const folder = sharedData("custom-vision");
    const exports = readdirSync(folder).filter((name) =>
        readdirSync(sharedData("custom-vision", name)).includes("model.onnx"),
    );

    test("covers all of them", () => {
        expect(exports).toHaveLength(4);
    });

    test.each(exports)(
        "%s says that all is well, and names the range if it is divided by 255",
        async (name) => {
            const model = await openModel(sharedData("custom-vision", name));
            expect(await probe(model)).toMatchObject({ verdict: "good" });
            for (const range of [
                [0, 1],
                [-1, 1],
            ] as const) {
                const { verdict, message } = await probe(prepared(model, { range: [...range] }));
                expect(verdict).toBe("collapsed");
                expect(message).toContain("set preprocessing.range in model.yaml to [0, 255]");
            }
        },
    );

    test.each(["shelf-onnx12-multilabel", "derived-general-compact-224-onnx"])(
        "%s notices that red and blue are swapped, since its answers depend on it",
        async (name) => {
            const model = await openModel(sharedData("custom-vision", name));
            const { verdict, message } = await probe(prepared(model, { channelOrder: "rgb" }));
            expect(verdict).toBe("swapped");
            expect(message).toContain("Set preprocessing.channelOrder in model.yaml to bgr");
        },
    );

    test("judges by samples too where the simple images do not tell", async () => {
        const model = await openModel(sharedData("custom-vision", "catdog-onnx10-multilabel"));
        const swapped = prepared(model, { channelOrder: "rgb" });
        const cat = readFileSync(
            sharedData("custom-vision", "catdog-onnx10-multilabel", "images", "cat2.png"),
        );
        const sample = { pixels: await preprocess(cat, model.size), label: "cat" };
        expect(await probe(swapped)).toMatchObject({ verdict: "good" });
        expect(await probe(swapped, [sample])).toMatchObject({ verdict: "swapped" });
        expect(await probe(model, [sample])).toMatchObject({ verdict: "good" });
    });
});

describe("the probe", () => {
    test("comes to no verdict where all images get the same answer in every range", async () => {
        const model = await openModel(await colourModelFolder());
        const blind = { ...model, session: { run: async () => Float32Array.of(0.2, 0.3, 0.5) } };
        expect(await probe(blind)).toMatchObject({ verdict: "inconclusive", spread: 0 });
    });

    test.each<[string, string, Record<string, string>, string]>([
        ["swapped", "bgr", { "Image.BitmapPixelFormat": "Rgb8" }, "the metadata of the ONNX file says rgb"],
        ["swapped", "rgb", { "Image.BitmapPixelFormat": "Bgr8" }, "the metadata of the ONNX file says bgr"],
        ["good", "rgb", { "Image.BitmapPixelFormat": "Rgb8" }, "Different images get different answers."],
        ["good", "bgr", {}, "Different images get different answers."],
    ])(
        "finds the channels %s where model.yaml says %s and the file %j",
        async (verdict, order, metadata, text) => {
            const yaml = { "model.yaml": `preprocessing: { channelOrder: ${order} }` };
            const found = await probe(await openModel(await colourModelFolder(yaml, { metadata })));
            expect(found).toMatchObject({ verdict, message: expect.stringContaining(text) });
        },
    );

    test("believes samples whose label is known before the file", async () => {
        const yaml = { "model.yaml": "preprocessing: { channelOrder: rgb }" };
        const model = await openModel(
            await colourModelFolder(yaml, { metadata: { "Image.BitmapPixelFormat": "Bgr8" } }),
        );
        const samples = await Promise.all(
            [
                ["red", [250, 20, 10]],
                ["blue", [10, 20, 250]],
            ].map(async ([label, colour]) => ({
                label: label as string,
                pixels: await preprocess(await pngOf(colour as number[]), model.size),
            })),
        );
        expect(await probe(model)).toMatchObject({ verdict: "swapped" });
        expect(await probe(model, samples)).toMatchObject({ verdict: "good" });
    });
});

describe("the samples of a model", () => {
    test("are its pictures, twelve at most, with the names of their folders as labels", async () => {
        const picture = await pngOf([1, 2, 3]);
        const many = Array.from({ length: 13 }, (_, index): [string, Buffer] => [
            `samples/many/${String(index).padStart(2, "0")}.PNG`,
            picture,
        ]);
        const folder = await folderOf({
            "samples/any.png": picture,
            "samples/few/notes.txt": "no picture",
            "samples/few/one.png": picture,
            ...Object.fromEntries(many),
        });
        const size = { width: 5, height: 4 };
        const samples = await readSamples(folder, size);
        expect(samples.map(({ label }) => label)).toEqual([undefined, "few", ...Array(10).fill("many")]);
        expect(samples[0]?.pixels).toMatchObject(size);
        expect(await readSamples(await folderOf({}), size)).toEqual([]);
    });
});

describe("the start of the service", () => {
    const divided = { "model.yaml": "name: colours\npreprocessing: { range: [0, 0.01] }" };

    test("is stopped by a range in which all images look alike, with the better one and the way out", async () => {
        const opening = openCatalog(await colourModelFolder(divided), "stop");
        await expect(opening).rejects.toThrow(
            /found nearly the same answer for all .* pixels from 0 to 0\.01 \(model\.yaml\)/,
        );
        await expect(opening).rejects.toThrow(/\[0, 255\].*PROBE=warn/);
    });

    test("only warns, or does not look, if it is told so", async () => {
        const folder = await colourModelFolder(divided);
        expect((await openCatalog(folder, "warn")).models[0]?.probe?.verdict).toBe("collapsed");
        expect((await openCatalog(folder, "off")).models[0]?.probe).toBeUndefined();
    });

    test("is stopped if the model's own samples are right only with red and blue swapped", async () => {
        const samples = {
            "samples/red/one.png": await pngOf([250, 20, 10]),
            "samples/blue/one.png": await pngOf([10, 20, 250]),
            "samples/any.png": await pngOf([10, 200, 20]),
        };
        const right = await openCatalog(await colourModelFolder(samples), "stop");
        expect(right.models[0]?.probe).toMatchObject({ verdict: "good" });
        const wrong = { ...samples, "model.yaml": "preprocessing: { channelOrder: bgr }" };
        await expect(openCatalog(await colourModelFolder(wrong), "stop")).rejects.toThrow(
            /Expected the channel order rgb .*: 2 instead of 0 of its 2 samples are right/,
        );
    });
});
