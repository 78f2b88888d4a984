import { parseModelYaml } from "../../classifier/src/model/modelYaml";
import { openModel } from "../../classifier/src/model/openModel";
import { colourModelFolder, type Variant } from "./support/colourModel";

describe("a model.yaml", () => {
    test("may be empty, and may have every key there is", () => {
        expect(parseModelYaml("", "model.yaml")).toEqual({});
        const text = `
name: fruit
version: 1.0
description: ""
labels: [a, b]
preprocessing: { width: 1, height: 2, mode: fast, channelOrder: bgr, range: [-1, 1], mean: [1, 2, 3], std: [4, 5, 6] }
output: { name: scores, activation: softmax }
training: { seed: 1, anything: [{}] }
`;
        expect(parseModelYaml(text, "model.yaml")).toEqual({
            name: "fruit",
            version: "1",
            description: "",
            labels: ["a", "b"],
            preprocessing: {
                width: 1,
                height: 2,
                mode: "fast",
                channelOrder: "bgr",
                range: [-1, 1],
                mean: [1, 2, 3],
                std: [4, 5, 6],
            },
            output: { name: "scores", activation: "softmax" },
            training: { seed: 1, anything: [{}] },
        });
    });

    test.each([
        ["[1]", "[1] instead of a map of keys"],
        ["text", '"text" instead of a map of keys'],
        ['name: ""', 'name: "" instead of a text'],
        ["name: 7", "name: 7 instead of a text"],
        ["version: {}", "version: {} instead of a text or a number"],
        ["description: 7", "description: 7 instead of a text"],
        ["labels: []", "labels: [] instead of a list of texts"],
        ["labels: a", 'labels: "a" instead of a list of texts'],
        ["labels: [a, 7]", "labels.1: 7 instead of a text"],
        ["preprocessing: [1]", "preprocessing: [1] instead of a map of keys"],
        ["preprocessing: { width: 0 }", "preprocessing.width: 0 instead of a whole number above 0"],
        ["preprocessing: { width: 1.5 }", "preprocessing.width: 1.5 instead of a whole number above 0"],
        ["preprocessing: { height: -1 }", "preprocessing.height: -1 instead of a whole number above 0"],
        ["preprocessing: { mode: quick }", 'preprocessing.mode: "quick" instead of exact or fast'],
        ["preprocessing: { channelOrder: RGB }", 'preprocessing.channelOrder: "RGB" instead of rgb or bgr'],
        ["preprocessing: { range: [0] }", "preprocessing.range: [0] instead of a list of two numbers"],
        ["preprocessing: { range: [0, x] }", 'preprocessing.range.1: "x" instead of a number'],
        ["preprocessing: { mean: 1 }", "preprocessing.mean: 1 instead of a list of three numbers, for red"],
        ["preprocessing: { std: [1, 2] }", "preprocessing.std: [1,2] instead of a list of three numbers"],
        ["preprocessing: { std: [0, 1, 1] }", "preprocessing.std.0: 0 instead of a number above 0"],
        ["preprocessing: { std: [1, -1, 1] }", "preprocessing.std.1: -1 instead of a number above 0"],
        ["preprocessing: { std: [0] }", "preprocessing.std.0: 0 instead of a number above 0"],
        ["preprocessing: { std: [1, 1, .inf] }", "preprocessing.std.2: Infinity instead of a number"],
        ["preprocessing: { mean: [.nan, 0, 0] }", "preprocessing.mean.0: NaN instead of a number"],
        ["preprocessing: { range: [0, -.inf] }", "preprocessing.range.1: -Infinity instead of a number"],
        [
            "preprocessing: { range: [1, 1] }",
            "preprocessing.range: [1,1] instead of a list of two numbers that differ",
        ],
        ["preprocessing: { size: 1 }", "preprocessing.size, which is no key here"],
        ["output: { name: 7 }", "output.name: 7 instead of a text"],
        ["output: { activation: tanh }", 'output.activation: "tanh" instead of none, softmax or sigmoid'],
        ["output: { labels: 1 }", "output.labels, which is no key here"],
        ["training: 7", "training: 7 instead of a map of keys"],
        ["Name: x", "Name, which is no key here"],
    ])("with %j is refused, and told what is wrong", (text, sentence) => {
        expect(() => parseModelYaml(text, "a/model.yaml")).toThrow(
            `Expected a description of a model in a/model.yaml, found ${sentence}`,
        );
    });

    const open = async (yaml: string, variant: Variant = {}) =>
        openModel(await colourModelFolder({ "model.yaml": yaml }, variant));

    test("is followed in all that it says", async () => {
        const preprocessing =
            "width: 5, height: 7, mode: fast, range: [-2, 2], mean: [1, 2, 3], std: [4, 5, 6], channelOrder: bgr";
        const yaml = `name: n\nversion: 2\ndescription: d\npreprocessing: { ${preprocessing} }\noutput: { activation: sigmoid }`;
        expect(await open(yaml, { side: undefined })).toMatchObject({
            name: "n",
            version: "2",
            description: "d",
            size: { width: 5, height: 7 },
            mode: "fast",
            activation: "sigmoid",
            format: { range: [-2, 2], mean: [1, 2, 3], std: [4, 5, 6], channelOrder: "bgr" },
            sources: { range: "model.yaml", channelOrder: "model.yaml" },
        });
    });

    test("leaves what it does not say to the model itself", async () => {
        const folder = await colourModelFolder({ "model.yaml": "" }, { side: undefined });
        const model = await openModel(folder);
        expect(model).toMatchObject({
            name: folder.split("/").at(-1),
            version: undefined,
            description: undefined,
            size: { width: 224, height: 224 },
            mode: undefined,
            activation: "none",
            format: { layout: "nchw", type: "float32", range: [0, 255], mean: undefined, std: undefined },
            sources: { range: "default", channelOrder: "default" },
        });
    });

    test("may say the size that the network has, and no other", async () => {
        expect((await open("preprocessing: { width: 8, height: 8 }")).size).toEqual({ width: 8, height: 8 });
        for (const side of ["width", "height"]) {
            await expect(open(`preprocessing: { ${side}: 9 }`)).rejects.toThrow(
                `Expected preprocessing.${side} in model.yaml to be 8, which`,
            );
        }
    });
});
