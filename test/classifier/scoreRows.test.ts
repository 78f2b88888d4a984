import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { scoreRows } from "../../classifier/src/score/scoreRows";
import { colourModelFolder, softmaxOf } from "./support/colourModel";
import {
    echoModel,
    linearClassifier,
    matrixModel,
    rowOf,
    type TableVariant,
    tableModelFolder,
} from "./support/tableModel";

async function modelIn(folder: string) {
    return (await openCatalog(folder, "stop")).find([]).model;
}

const ROWS = [0, 2, 1, 1].map((label) => rowOf(label, 4, 3));

describe("rows of values", () => {
    test("get the labels that a scikit-learn classifier gives, as integers", async () => {
        const model = await modelIn(await tableModelFolder(linearClassifier()));
        expect(await scoreRows(model, ROWS)).toEqual([0, 2, 1, 1]);
        expect(model.labels).toEqual(["0", "1", "2"]);
    });

    test("get the labels as strings where the classes have names", async () => {
        const model = await modelIn(await tableModelFolder(linearClassifier({ labels: ["a", "b", "c"] })));
        expect(await scoreRows(model, ROWS)).toEqual(["a", "c", "b", "b"]);
    });

    test.each(["double", "int64"] as const)("go into a network that takes %s", async (input) => {
        const model = await modelIn(await tableModelFolder(linearClassifier({ input })));
        expect(
            await scoreRows(model, [
                [0, 5, 0, 0],
                [0, 0, 7, 0],
            ]),
        ).toEqual([1, 2]);
    });

    test("get the index that an ArgMax gives, or else the scores, nested", async () => {
        const classes = await modelIn(await tableModelFolder(matrixModel("ArgMax")));
        expect(await scoreRows(classes, ROWS)).toEqual([0, 2, 1, 1]);
        const scores = await modelIn(await tableModelFolder(matrixModel("scores")));
        expect(
            await scoreRows(scores, [
                [1, 2, 3, 4],
                [0, 0, 0.5, 0],
            ]),
        ).toEqual([
            [5, 2, 3],
            [0, 0, 0.5],
        ]);
    });

    test("may be nested or flat, whatever shape the network takes", async () => {
        const flat = [0, 0, 0, 0, 0, 1];
        const nested = [
            [0, 0, 0],
            [0, 0, 1],
        ];
        const square = matrixModel("ArgMax", { features: 6 }, [2, 3]);
        const model = await modelIn(await tableModelFolder(square));
        expect(await scoreRows(model, [flat, nested])).toEqual([2, 2]);
        expect(await scoreRows(model, flat)).toEqual([2]);
        expect(await scoreRows(model, [...flat, 9, 0, 0, 0, 0, 0])).toEqual([2, 0]);
    });

    test("say themselves how long they are where the network leaves it open", async () => {
        const open = matrixModel("ArgMax", { features: 6 }, ["height", 3]);
        const model = await modelIn(await tableModelFolder(open));
        const row = [
            [0, 0, 0],
            [0, 4, 0],
        ];
        expect(await scoreRows(model, [row, row])).toEqual([1, 1]);
        await expect(scoreRows(model, [[1, 2, 3, 4]])).rejects.toThrow(
            /Expected rows of the shape \[any, 3\], found \[4\]/,
        );
    });

    test("go one by one into a network that takes one at a time", async () => {
        const model = await modelIn(await tableModelFolder(matrixModel("scores", { batch: 1 })));
        expect(
            await scoreRows(model, [
                [1, 2, 3, 4],
                [0, 0, 1, 0],
            ]),
        ).toEqual([
            [5, 2, 3],
            [0, 0, 1],
        ]);
    });

    test("are answered in order when there are more than one run of the network takes", async () => {
        const features = 10_000;
        const model = await modelIn(await tableModelFolder(matrixModel("ArgMax", { features })));
        const labels = Array.from({ length: 130 }, (_, row) => (row * 7) % 3);
        const rows = labels.map((label) => rowOf(label, features, 3));
        expect(await scoreRows(model, rows)).toEqual(labels);
    });

    test("of prepared pixels get an image classifier's scores", async () => {
        const model = await modelIn(await colourModelFolder());
        const red = [255, 0, 0].flatMap((value) => Array<number>(64).fill(value));
        const [scores] = (await scoreRows(model, [red])) as number[][];
        softmaxOf([255, 0, 0]).forEach((probability, index) => {
            expect(scores?.[index]).toBeCloseTo(probability, 6);
        });
    });

    test.each<[string, unknown, RegExp]>([
        ["nothing", undefined, /Expected "data" to be a list of rows, found nothing/],
        ["an object", {}, /Expected "data" to be a list of rows, found an object/],
        ["no rows", [], /found an empty list/],
        ["a short row", [ROWS[0], [1, 2, 3]], /Expected row 1 to have 4 values, found 3/],
        ["a long row", [[1, 2, 3, 4, 5]], /Expected row 0 to have 4 values, found 5/],
        ["flat values that make no rows", [1, 2, 3, 4, 5], /Expected rows of 4 values each, found 5/],
        ["text", [[1, 2, 3, "4"]], /Expected row 0 to hold numbers only, found text/],
        ["a gap", [[1, 2, 3, null]], /Expected row 0 to hold numbers only, found null/],
    ])("are refused as the caller's mistake: %s", async (_name, data, sentence) => {
        const model = await modelIn(await tableModelFolder(matrixModel("scores")));
        await expect(scoreRows(model, data)).rejects.toMatchObject({
            status: 400,
            message: expect.stringMatching(sentence),
        });
    });

    test.each<[TableVariant["input"], unknown[], unknown]>([
        ["float", [0, 5.5, 0, 0], 1],
        ["double", [0, 5.5, 0, 0], 1],
        ["int32", [0, 0, 7, 0], 2],
        ["int64", [0, 0, 7, 0], 2],
    ])("go into a network that takes values of the type %s", async (input, row, expected) => {
        const model = await modelIn(await tableModelFolder(linearClassifier({ input })));
        expect(await scoreRows(model, [row])).toEqual([expected]);
    });

    test.each(["uint8", "string"] as const)("of %s are written as the network takes them", async (type) => {
        const model = await modelIn(await tableModelFolder(echoModel(type)));
        const row = type === "string" ? ["a", "b"] : [0, 255];
        expect(await scoreRows(model, [row, row])).toEqual([row, row]);
        const wrong = type === "string" ? 7 : 0.5;
        const kind = type === "string" ? "strings" : "integers";
        await expect(scoreRows(model, [row, [row[0], wrong]])).rejects.toThrow(
            `Expected row 1 to hold ${kind} only, found ${wrong}.`,
        );
    });

    test("come in multiples of what the network takes at a time", async () => {
        const model = await modelIn(await tableModelFolder(matrixModel("ArgMax", { batch: 2 })));
        expect(await scoreRows(model, ROWS)).toEqual([0, 2, 1, 1]);
        await expect(scoreRows(model, ROWS.slice(1))).rejects.toThrow(
            "Expected a multiple of 2 rows, which the network takes at a time, found 3.",
        );
    });

    test("of prepared pixels may be interleaved, where the image classifier takes them so", async () => {
        const model = await modelIn(await colourModelFolder({}, { layout: "nhwc" }));
        const red = Array.from({ length: 64 }, () => [255, 0, 0]).flat();
        const [scores] = (await scoreRows(model, [red])) as number[][];
        expect(scores).toEqual(softmaxOf([255, 0, 0]).map((value) => expect.closeTo(value, 6)));
        const nested = Array.from({ length: 8 }, () => Array(8).fill([255, 0, 0]));
        expect(await scoreRows(model, [nested])).toEqual([scores]);
    });

    test("that are not whole are refused where the network takes integers", async () => {
        const model = await modelIn(await tableModelFolder(linearClassifier({ input: "int64" })));
        await expect(scoreRows(model, [[0.5, 0, 0, 0]])).rejects.toThrow(/hold integers only, found 0\.5/);
    });
});

describe("a model that takes rows", () => {
    test("needs to say which output is its answer where there are several", async () => {
        const several = matrixModel("both");
        await expect(modelIn(await tableModelFolder(several))).rejects.toThrow(
            /Expected .*model\.onnx to have one output with labels, or one output in all; it has scores .* and flat/,
        );
        const model = await modelIn(
            await tableModelFolder(several, { "model.yaml": "output: { name: scores }" }),
        );
        expect(await scoreRows(model, [[1, 0, 0, 0]])).toEqual([[1, 0, 0]]);
    });

    test("is refused with a sentence if it takes something else", async () => {
        const model = matrixModel("scores");
        model.graph?.input?.push({ name: "more", type: { tensorType: { elemType: 1, shape: { dim: [] } } } });
        await expect(modelIn(await tableModelFolder(model))).rejects.toThrow(
            /Expected .* to take one RGB image, or one array .*; it takes rows float \[\?, 4\] and more float \[\]/,
        );
    });
});
