import sharp from "../../classifier/node_modules/sharp";
import { classify } from "../../classifier/src/classify";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { preprocess } from "../../classifier/src/preprocess";
import { COLOURS, colourModelFolder, pngOf, softmaxOf } from "./support/colourModel";

const OPTIONS = { preprocessing: "exact", maxPixels: 1_000_000 } as const;

describe("classify", () => {
    let model: Model;
    beforeAll(async () => {
        model = await openModel(await colourModelFolder());
    });

    test.each([
        ["red", [255, 0, 0]],
        ["green", [0, 255, 0]],
        ["blue", [10, 20, 200]],
    ] as const)(
        "recognises %s with the probability that the network's formula gives",
        async (colour, rgb) => {
            const predictions = await classify(model, await pngOf([...rgb]), OPTIONS);
            expect(predictions.map(({ label }) => label)).toEqual(COLOURS);
            softmaxOf([...rgb]).forEach((probability, index) => {
                expect(predictions[index]?.probability).toBeCloseTo(probability, 6);
            });
            expect(predictions.toSorted((a, b) => b.probability - a.probability)[0]?.label).toBe(colour);
        },
    );

    test.each([
        ["exact", undefined, "exact"],
        ["fast", undefined, "fast"],
        ["fast", "exact", "exact"],
        ["exact", "fast", "fast"],
    ] as const)(
        "prepares pixels as the option says (%s) unless the model does (%s)",
        async (option, own, used) => {
            const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * at * 7) % 251));
            const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
                .jpeg()
                .toBuffer();
            let seen: Uint8Array = new Uint8Array();
            const watched: Model = {
                ...model,
                mode: own,
                lendTensor: (pixels, use) => {
                    seen = Uint8Array.from(pixels.data);
                    return model.lendTensor(pixels, use);
                },
            };
            await classify(watched, jpeg, { ...OPTIONS, preprocessing: option });
            const [exact, fast] = await Promise.all(
                (["exact", "fast"] as const).map((mode) => preprocess(jpeg, model.size, { mode })),
            );
            expect(exact?.data).not.toEqual(fast?.data);
            expect(Buffer.from(seen).equals((used === "exact" ? exact : fast)?.data ?? seen)).toBe(true);
        },
    );

    test("gives the network's own scores to who asks for them", async () => {
        const bare = await openModel(await colourModelFolder({}, { head: "none" }));
        const scores = async (rawScores: boolean) =>
            (await classify(bare, await pngOf([255, 0, 0]), { ...OPTIONS, rawScores })).map(
                ({ probability }) => Math.round(probability * 100),
            );
        expect(await scores(true)).toEqual([500, 0, 0]);
        expect(await scores(false)).toEqual([99, 1, 1]);
    });

    test("refuses an image with more pixels than allowed", async () => {
        const image = await pngOf([1, 2, 3], 10, 10);
        await expect(classify(model, image, { ...OPTIONS, maxPixels: 99 })).rejects.toMatchObject({
            status: 400,
        });
        await expect(classify(model, image, { ...OPTIONS, maxPixels: 100 })).resolves.toHaveLength(3);
    });

    test("refuses bytes that are no image as the caller's mistake", async () => {
        await expect(classify(model, Buffer.from("not an image"), OPTIONS)).rejects.toMatchObject({
            status: 400,
            code: "BadRequestImageFormat",
        });
    });
});
