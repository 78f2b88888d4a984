import { classify } from "../../classifier/src/classify";
import { type Model, openModel } from "../../classifier/src/model/openModel";
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

    test("refuses bytes that are no image as the caller's mistake", async () => {
        await expect(classify(model, Buffer.from("not an image"), OPTIONS)).rejects.toMatchObject({
            status: 400,
            code: "BadRequestImageFormat",
        });
    });
});
