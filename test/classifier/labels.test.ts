import { parseConfigLabels, parseLabelLines, parseLabelsJson } from "../../classifier/src/model/labelFiles";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { openModel } from "../../classifier/src/model/openModel";
import { parsePythonLiteral } from "../../classifier/src/model/pythonLiteral";
import { encodeModel } from "../../classifier/src/onnx";
import { COLOURS, colourModel, colourModelFolder, folderOf } from "./support/colourModel";

describe("labels.txt", () => {
    test.each<[string, string, string[]]>([
        ["CR LF", "a\r\nb\r\nc\r\n", ["a", "b", "c"]],
        ["lone CR, as Python reads it", "a\rb\rc", ["a", "b", "c"]],
        ["blank lines at the end", "a\nb\n \n\n\t\n", ["a", "b"]],
        ["spaces around them", "  a \n\tb\t\n", ["a", "b"]],
        [
            "all kinds of signs in them",
            `0: cat\n1 dog\nn01440764 tench, Tinca\n"quoted"\na\tb\nb &amp; c`,
            ["0: cat", "1 dog", "n01440764 tench, Tinca", '"quoted"', "a\tb", "b &amp; c"],
        ],
        ["one label twice", "crane\ncrane", ["crane", "crane"]],
        [
            "letters that could be written in another way",
            "cafe\u0301\ncaf\u00e9",
            ["cafe\u0301", "caf\u00e9"],
        ],
        ["the mark of a file that was put behind another", "a\n\ufeffb", ["a", "b"]],
    ])("with %s has the labels as they are", (_, text, labels) => {
        expect(parseLabelLines(text, "labels.txt")).toEqual(labels);
    });

    test.each([
        ["", "found none"],
        ["\n \n", "found none"],
        ["a\n\nb", "found line 2 without one"],
        ["\na", "found line 1 without one"],
    ])("%j is refused, as every line stands for a score", (text, found) => {
        expect(() => parseLabelLines(text, "x/labels.txt")).toThrow(
            `Expected one label per line in x/labels.txt, ${found}`,
        );
    });
});

describe("labels.json and config.json", () => {
    test.each([
        ['["red", "green"]', ["red", "green"]],
        ['{"1": "green", "0": "red"}', ["red", "green"]],
        ['{"green": 1, "red": 0}', ["red", "green"]],
    ])("%s are labels", (text, labels) => expect(parseLabelsJson(text, "labels.json")).toEqual(labels));

    test.each([
        ["[]", "found neither"],
        ['["a", 7]', "found neither"],
        ['["a", " "]', "found neither"],
        ['{"0": 1, "1": 0}', "found neither"],
        ['{"a": "b"}', "found neither"],
        ['"a"', "found neither"],
        ["[", "to be JSON, found"],
        ['{"1": "a", "2": "b"}', "numbered from 0 to 1, found none for 0"],
        ['{"0": "a", "2": "b"}', "found none for 1"],
        ['{"a": 0, "b": 0}', "found none for 1"],
    ])("%s is refused", (text, found) => {
        expect(() => parseLabelsJson(text, "labels.json")).toThrow(found);
    });

    test("a config.json need not name labels", () => {
        expect(parseConfigLabels('{"model_type": "vit"}', "config.json")).toBeUndefined();
        expect(() => parseConfigLabels('{"id2label": {"1": "a"}}', "config.json")).toThrow(
            /labels in config\.json \(id2label\) to be numbered from 0 to 0, found none for 0/,
        );
    });
});

describe("what Python writes of its values", () => {
    test.each<[string, unknown]>([
        ["{0: 'ripe', 1: 'unripe'}", { 0: "ripe", 1: "unripe" }],
        [`{0: "it's", 1: 'say "x"', 2: 'both \\' "'}`, { 0: "it's", 1: 'say "x"', 2: "both ' \"" }],
        ["['a\\\\b', 'c\\n', '\\xe9\\u732b\\U0001f408',]", ["a\\b", "c\n", "é猫🐈"]],
        ["(224, 2.5e1)", [224, 25]],
        ["{}", {}],
        ["{0: 'a, b: c}', 1: '{d'}", { 0: "a, b: c}", 1: "{d" }],
        ["{0: 'a'", undefined],
        ["{0 'a'}", undefined],
        ["['a' 'b']", undefined],
        ["['a'] b", undefined],
        ["__import__('os')", undefined],
        ["", undefined],
    ])("%s is read", (text, value) => expect(parsePythonLiteral(text)).toEqual(value));
});

describe("the labels of a model", () => {
    const open = async (files: Record<string, string>, metadata?: Record<string, string>) => {
        const network = encodeModel(colourModel({ metadata }));
        return openModel(await folderOf({ "model.onnx": network, ...files }));
    };
    const NAMES = "{0: 'red', 1: 'green', 2: 'blue'}";
    const id2label = (labels: string[]) => JSON.stringify({ id2label: { ...labels } });

    test.each<[string, Record<string, string>, Record<string, string>?]>([
        ["labels.json", { "labels.json": JSON.stringify(COLOURS) }],
        ["config.json", { "config.json": id2label(COLOURS) }],
        ["its own metadata", {}, { names: NAMES }],
        [
            "labels.txt before all others",
            {
                "labels.txt": COLOURS.join("\n"),
                "labels.json": '["a","b","c"]',
                "config.json": id2label(["d", "e", "f"]),
            },
            { names: "{0: 'x', 1: 'y', 2: 'z'}" },
        ],
        [
            "model.yaml before other files",
            {
                "model.yaml": "labels: [red, green, blue]",
                "config.json": id2label(["LABEL_0", "LABEL_1", "LABEL_2"]),
            },
        ],
        [
            "labels.json before the network",
            { "LABELS.json": JSON.stringify(COLOURS) },
            { names: "['x','y','z']" },
        ],
    ])("come from %s", async (...[, files, metadata]) => {
        expect((await open(files, metadata)).labels).toEqual(COLOURS);
    });

    test.each<[string, Record<string, string>, Record<string, string> | undefined, RegExp]>([
        [
            "two of its files",
            {
                "labels.txt": "green\nred\nblue",
                "labels.json": JSON.stringify(COLOURS),
            },
            undefined,
            /in the order of the labels\.json beside .* \(red, green, blue\), found another order/,
        ],
        [
            "a file and its metadata",
            { "labels.txt": "green\nred\nblue" },
            { names: NAMES },
            /found another order/,
        ],
    ])("are refused where %s have them in two orders", async (_, files, metadata, sentence) => {
        await expect(open(files, metadata)).rejects.toThrow(sentence);
    });

    test("are those of labels.txt where model.yaml, which people write as well, has another order", async () => {
        const files = { "labels.txt": "green\nred\nblue", "model.yaml": "labels: [red, green, blue]" };
        expect((await open(files)).labels).toEqual(["green", "red", "blue"]);
    });

    test("are refused where there are more or fewer than scores, and where one is missing", async () => {
        await expect(open({ "labels.json": '["a"]' })).rejects.toThrow(
            /Expected 3 labels for the 3 scores of .*, found 1 \(a\) in labels\.json/,
        );
        await expect(open({}, { names: "{0: 'a', 2: 'b', 3: 'c'}" })).rejects.toThrow(
            /labels in the metadata of .*\(names\) to be numbered from 0 to 2, found none for 1/,
        );
    });

    test("and the preparation of images are those of a YOLO classifier's metadata", async () => {
        const model = await open({}, { task: "classify", names: NAMES, imgsz: "[8, 8]", stride: "1" });
        expect(model).toMatchObject({
            labels: COLOURS,
            geometry: { resize: { shortestEdge: 8, crop: "round" } },
            format: { range: [0, 1], channelOrder: "rgb" },
            sources: { range: "metadata of the ONNX file", channelOrder: "metadata of the ONNX file" },
        });
        const told = await open(
            { "model.yaml": "preprocessing: { range: [0, 255], resize: cover }" },
            { task: "classify", names: NAMES, imgsz: "[8, 8]" },
        );
        expect(told).toMatchObject({ geometry: { resize: "cover" }, format: { range: [0, 255] } });
    });

    test("tell a classifier of YOLOv5, which has no task", async () => {
        const { format } = await open({}, { names: "['red', 'green', 'blue']", stride: "32" });
        expect(format).toMatchObject({ range: [0, 1], mean: [0.485, 0.456, 0.406] });
    });

    test.each(["detect", "segment", "pose", "obb"])("are no classifier's for the task %s", async (task) => {
        await expect(open({}, { task, names: NAMES })).rejects.toThrow(/object detection model.*task is to/);
    });
});

describe("noise", () => {
    const NOISE = {
        "._model.onnx": "\0\x05\x16\x07",
        ".DS_Store": "\0\0\0\x01Bud1",
        "__MACOSX/model.onnx": "x",
        "__MACOSX/._labels.txt": "x",
        "Thumbs.db": "x",
        "desktop.ini": "x",
        ".git/model.onnx": "x",
        "$RECYCLE.BIN/model.onnx": "x",
        README: "x",
        "README.md": "x",
        LICENSE: "x",
        "notes.pdf": "x",
    };

    test("beside a model does not matter", async () => {
        const { models } = await openCatalog(await colourModelFolder(NOISE), "off");
        expect(models[0]?.model.labels).toEqual(COLOURS);
    });

    test("around a folder of models does not matter", async () => {
        const network = encodeModel(colourModel());
        const folder = await folderOf({
            ...NOISE,
            "fruit/model.ONNX": network,
            "fruit/labels.txt": "a\nb\nc",
            "fruit/._model.ONNX": "x",
            "docs/README.md": "x",
        });
        const { models } = await openCatalog(folder, "off");
        expect(models.map(({ key }) => key)).toEqual(["fruit"]);
    });
});
