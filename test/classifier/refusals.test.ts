import { readFileSync } from "node:fs";
import { openModel } from "../../classifier/src/model/openModel";
import { encodeModel } from "../../classifier/src/onnx";
import { describeWith, sharedData } from "../support/sharedData";
import { COLOURS, colourModel, colourModelFolder, folderOf, type Variant } from "./support/colourModel";

const CLICKS = /Performance, the same iteration.*, Export, ONNX, Download/;
const manifest = (fields: object) => ({
    "cvexport.manifest": JSON.stringify({ DomainType: "Classification", ...fields }),
});
const method = (name: string) => ({
    "metadata_properties.json": JSON.stringify({ "CustomVision.Postprocess.Method": name }),
});

describe("opening a model refuses with a sentence", () => {
    const files: [string, Record<string, string>, RegExp[]][] = [
        ["an empty folder", {}, [/Expected model\.onnx in .*, found no such file/, /MODEL_DIR/]],
        ["two networks", { "a.onnx": "x", "b.onnx": "x" }, [/several ONNX files \(a\.onnx, b\.onnx\)/]],
        [
            "a network that is no ONNX",
            { "model.onnx": "not a model" },
            [/Expected an ONNX model in .*model\.onnx, found 11 bytes/],
        ],
        ["an empty network", { "model.onnx": "" }, [/Expected an ONNX model in .*, found 0 bytes/]],
        [
            "the DockerFile flavour",
            { Dockerfile: "FROM x", "app/model.tflite": "x" },
            [/found the DockerFile flavour/, CLICKS],
        ],
        [
            "the TensorFlow flavour",
            { "model.pb": "x", "labels.txt": "a" },
            [/found the TensorFlow flavour/, CLICKS],
        ],
        [
            "the TensorFlow Lite flavour",
            { "model.tflite": "x" },
            [/found the TensorFlow Lite flavour/, CLICKS],
        ],
        [
            "the TensorFlow.js flavour",
            { "model.json": "{}", "weights.bin": "x" },
            [/TensorFlow\.js flavour/, CLICKS],
        ],
        ["the CoreML flavour", { "model.mlmodel": "x" }, [/found the CoreML flavour/, CLICKS]],
        [
            "another platform in the manifest, with its iteration",
            manifest({ Platform: "DockerFile", Flavor: "Linux", IterationId: "3592-11ec" }),
            [
                /found the DockerFile \(Linux\) flavour/,
                /the same iteration \(3592-11ec\), Export, ONNX, Download/,
            ],
        ],
        [
            "object detection in the manifest",
            manifest({ DomainType: "ObjectDetection" }),
            [/found an object detection model/],
        ],
        ["object detection with SSD", method("SSD"), [/found an object detection model/]],
        ["object detection with Yolo", method("Yolo"), [/found an object detection model/]],
        [
            "a manifest that is no JSON",
            { "cvexport.manifest": "<xml/>" },
            [/Expected .*cvexport\.manifest to be the JSON file/],
        ],
    ];
    test.each(files)("%s", async (_name, content, sentences) => {
        const opening = openModel(await folderOf(content));
        for (const sentence of sentences) {
            await expect(opening).rejects.toThrow(sentence);
        }
    });

    test("a folder that is not there", async () => {
        await expect(openModel("/not/there")).rejects.toThrow(
            /Expected a folder with a model at \/not\/there, found none/,
        );
    });

    const networks: [string, Variant, Record<string, string>, RegExp][] = [
        [
            "too few labels",
            {},
            { "labels.txt": "red\ngreen" },
            /Expected 3 labels for the 3 scores .*, found 2 \(red, green\)/,
        ],
        ["no labels at all", {}, { "labels.txt": "" }, /Expected one label per line in .*, found none/],
        [
            "labels in another order than the network's own",
            { zipMap: COLOURS },
            { "labels.txt": "green\nred\nblue" },
            /found another order \(green, red, blue\)/,
        ],
        [
            "bytes other than pixels",
            { input: "int64" },
            {},
            /Expected .* to take one RGB image .* it takes image int64/,
        ],
        ["several images at a time only", { batch: 4 }, {}, /it takes image float \[4, 3, 8, 8\]/],
        [
            "a size that the network is not made for",
            {},
            { "model.yaml": "preprocessing: { width: 9 }" },
            /Expected preprocessing\.width in model\.yaml to be 8, .* found 9/,
        ],
        [
            "a shortest edge that is less than what is cut out",
            {},
            { "model.yaml": "preprocessing: { resize: { shortestEdge: 7 } }" },
            /Expected the size that images are resized to \(7 by 7\) to hold the network's 8 by 8/,
        ],
        [
            "a width that is less than what is cut out",
            {},
            { "model.yaml": "preprocessing: { resize: { width: 7, height: 8 } }" },
            /Expected the size that images are resized to \(7 by 8\) to hold/,
        ],
        [
            "a height that is less than what is cut out",
            {},
            { "model.yaml": "preprocessing: { resize: { width: 8, height: 7 } }" },
            /Expected the size that images are resized to \(8 by 7\) to hold/,
        ],
        [
            "no scores",
            { output: "int64" },
            {},
            /Expected .* to have one output with a score per label.* it has scores int64 \[1, 3\]/,
        ],
        ["an output that is not there", {}, { "model.yaml": "output: { name: other }" }, /one output other/],
        ["outputs of a detector", { outputName: "detected_scores" }, {}, /found an object detection model/],
        [
            "a typing error in its description",
            {},
            { "model.yaml": "preprocesing: {}\nversion: [1]" },
            /Expected a description of a model in .*model\.yaml.*version: \[1\] instead of a text or a number.*preprocesing/,
        ],
        ["a description that is no YAML", {}, { "model.yaml": "a: [" }, /Expected YAML in .*model\.yaml/],
    ];
    test.each(networks)("%s", async (_name, variant, content, sentence) => {
        await expect(openModel(await colourModelFolder(content, variant))).rejects.toThrow(sentence);
    });

    test("a network without labels anywhere", async () => {
        const folder = await folderOf({ "model.onnx": encodeModel(colourModel()) });
        await expect(openModel(folder)).rejects.toThrow(
            /Expected a labels\.txt beside .*which has no labels of its own/,
        );
    });

    test("a network that onnxruntime cannot run", async () => {
        const model = colourModel();
        const [first] = model.graph?.node ?? [];
        Object.assign(first ?? {}, { opType: "NoSuchOperator" });
        const folder = await folderOf({ "model.onnx": encodeModel(model), "labels.txt": COLOURS.join("\n") });
        await expect(openModel(folder)).rejects.toThrow(
            /Expected onnxruntime to open .*NoSuchOperator.*Export the model again/,
        );
    });
});

describeWith("custom-vision")("the files of real exports that cannot be served", () => {
    test.each([
        ["docker-2020-01-no-metadata.cvexport.manifest", /found the DockerFile \(Linux\) flavour/],
        ["general-compact-docker-2020.cvexport.manifest", /found the DockerFile \(Linux\) flavour/],
        ["s1-docker-2024.cvexport.manifest", /found the DockerFile \(Linux\) flavour/],
        ["od-s1-onnx-2024.metadata_properties.json", /found an object detection model/],
        ["od-yolo-2024.metadata_properties.json", /found an object detection model/],
    ])("%s is refused", async (sample, sentence) => {
        const text = readFileSync(sharedData("custom-vision", "metadata-samples", sample), "utf8");
        const name = sample.endsWith("manifest") ? "cvexport.manifest" : "metadata_properties.json";
        await expect(openModel(await colourModelFolder({ [name]: text }))).rejects.toThrow(sentence);
    });

    test.each(["s1-onnx-2025", "general-compact-onnx-2026"])(
        "%s is no reason to refuse a model",
        async (sample) => {
            const read = (name: string) =>
                readFileSync(sharedData("custom-vision", "metadata-samples", `${sample}.${name}`), "utf8");
            const folder = await colourModelFolder({
                "cvexport.manifest": read("cvexport.manifest"),
                "metadata_properties.json": read("metadata_properties.json"),
            });
            expect((await openModel(folder)).labels).toEqual(COLOURS);
        },
    );
});
