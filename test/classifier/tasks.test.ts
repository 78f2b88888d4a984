import type { ModelCatalog, ServedModel } from "../../classifier/src/model/modelCatalog";
import type { ArrayModel } from "../../classifier/src/model/openArrayModel";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { createTasks } from "../../classifier/src/workers/tasks";
import { colourModelFolder, pngOf } from "./support/colourModel";

const OPTIONS = { preprocessing: "exact", maxPixels: 100 } as const;

function catalogOf(models: Record<string, Model | ArrayModel>): ModelCatalog {
    const served = Object.entries(models).map(([key, model]): ServedModel => ({ key, model }));
    const find: ModelCatalog["find"] = (names) =>
        served.find(({ key }) => names.includes(key)) ?? (served[0] as ServedModel);
    return { models: served, find };
}

describe("what a worker does", () => {
    let model: Model;
    beforeAll(async () => {
        model = await openModel(await colourModelFolder({}, { head: "none" }));
    });
    const answering = (...scores: number[]): Model => ({
        ...model,
        session: { run: async () => Float32Array.from(scores) },
    });

    test("is to classify with the model that is named, within the options and as it is wished", async () => {
        const tasks = createTasks(catalogOf({ one: model, two: answering(9, 9, 9) }), OPTIONS);
        const image = await pngOf([255, 0, 0], 10, 10);
        const scores = async (names: string[], wishes?: object) =>
            (await tasks.classify({ image, names, wishes })).map(({ probability }) =>
                Math.round(probability * 100),
            );
        expect(await scores([])).toEqual([99, 1, 1]);
        expect(await scores(["two"])).toEqual([33, 33, 33]);
        expect(await scores(["two"], { rawScores: true })).toEqual([900, 900, 900]);
        const large = { image: await pngOf([255, 0, 0], 10, 11), names: [] };
        await expect(tasks.classify(large)).rejects.toMatchObject({ status: 400 });
    });

    test("is to score with the model that is named", async () => {
        const tasks = createTasks(catalogOf({ one: answering(1, 2, 3), two: answering(4, 5, 6) }), OPTIONS);
        const body = Buffer.from(JSON.stringify({ data: [Array(192).fill(0)] }));
        expect(await tasks.score({ body, names: ["two"] })).toEqual({ dialect: "rows", answer: [[4, 5, 6]] });
    });

    test.each<[string, () => Record<string, Model | ArrayModel>, string | undefined]>([
        ["models that answer", () => ({ one: model, two: answering(1, 2, 3) }), undefined],
        ["no models of images", () => ({ rows: { kind: "array" } as ArrayModel }), undefined],
        [
            "a model that gives no number, beside others",
            () => ({ rows: { kind: "array" } as ArrayModel, one: model, two: answering(1, Number.NaN, 1) }),
            'Expected the model two to answer a picture. Expected a number from the model for "red", found NaN.',
        ],
        [
            "a model that fails",
            () => ({ one: { ...model, session: { run: () => Promise.reject(new Error("broken")) } } }),
            "broken",
        ],
        [
            "a model of other labels",
            () => ({ one: answering(1, 2) }),
            "Expected 2 labels for the network's 2 scores",
        ],
    ])("is to check itself, which goes with %s as it should", async (_name, models, sentence) => {
        const checking = createTasks(catalogOf(models()), OPTIONS).selfCheck();
        await (sentence
            ? expect(checking).rejects.toThrow(sentence)
            : expect(checking).resolves.toBeUndefined());
    });
});
