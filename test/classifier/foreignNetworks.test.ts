import { gzipSync } from "node:zlib";
import { openModel } from "../../classifier/src/model/openModel";
import { type Draft, dataType, encodeModel, type ModelProto } from "../../classifier/src/onnx";
import { folderOf, int } from "./support/colourModel";
import { type SmallNetwork, smallNetwork } from "./support/smallNetwork";

const LABELS = "a\nb\nc";
const ONNX = encodeModel(smallNetwork({ dims: [1, 3, 8, 8] }));

const opening = async (onnx: string | Uint8Array) =>
    openModel(await folderOf({ "model.onnx": onnx, "labels.txt": LABELS }));
const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("a file that is called .onnx and is none is told for what it is", () => {
    const safetensors = Buffer.concat([
        Buffer.from([20, 0, 0, 0, 0, 0, 0, 0]),
        latin1('{"a":{"dtype":"F32"}}'),
        Buffer.alloc(9),
    ]);
    test.each<[string, string | Uint8Array, RegExp]>([
        ["an empty file", "", /found 0 bytes that are an empty file\. Download or export it again/],
        [
            "a pointer of Git LFS",
            "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 98\n",
            /a pointer of Git LFS instead of the file .*Run git lfs pull/,
        ],
        ["a web page", "<!DOCTYPE html>\n<html><head>", /a web page\. Download the file itself/],
        ["a web page behind white space", "\n\n  <html lang=en>", /a web page/],
        [
            "an error of a storage account",
            '\ufeff<?xml version="1.0"?><Error><Code>AuthenticationFailed',
            /a web page/,
        ],
        ["an answer in JSON", '{"message":"Not Found"}', /text, which begins with \{"message":"Not Found"\}/],
        [
            "a zip archive",
            latin1("PK\x03\x04\x14\0\0\0\x08\0model.onnx"),
            /a zip archive\. Give the archive itself as \.zip/,
        ],
        [
            "a PyTorch file",
            latin1("PK\x03\x04\0\0\x08\x08model/data.pkl"),
            /a PyTorch file\. Export it with torch\.onnx\.export/,
        ],
        [
            "an old PyTorch file",
            latin1("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."),
            /a pickled Python object/,
        ],
        ["a compressed one", gzipSync(ONNX), /a compressed file \(gzip\)\. Unpack it/],
        ["TensorFlow Lite", latin1("\x1c\0\0\0TFL3\x14\0"), /a TensorFlow Lite model\. Convert it/],
        [
            "the ORT format",
            latin1("\x18\0\0\0ORTM\0\0"),
            /the ORT format of onnxruntime\. Give the \.onnx file/,
        ],
        ["Keras", latin1("\x89HDF\r\n\x1a\n\0\0"), /a Keras file \(HDF5\)\. Convert it/],
        ["weights alone", safetensors, /weights alone \(safetensors\)/],
        [
            "one that is cut short",
            ONNX.subarray(0, ONNX.length - 40),
            /it is cut short\. Copy or download it again/,
        ],
        ["one that is cut after a few bytes", ONNX.subarray(0, 20), /it is cut short|without a graph/],
        [
            "noise",
            Uint8Array.from({ length: 64 }, (_, at) => (at * 151 + 7) % 256),
            /no protobuf message of that kind/,
        ],
    ])("%s", async (_name, bytes, sentence) => {
        await expect(opening(bytes)).rejects.toThrow(sentence);
        await expect(opening(bytes)).rejects.toThrow(
            /^Expected an ONNX model in .*model\.onnx, found \d+ bytes/,
        );
    });
});

describe("a network that onnxruntime does not open is told for what it has", () => {
    const changed = (change: (model: Draft<ModelProto>) => void) => {
        const model = smallNetwork({ dims: [1, 3, 8, 8] });
        change(model);
        return encodeModel(model);
    };
    const node = (model: Draft<ModelProto>, value: object) =>
        Object.assign(model.graph?.node?.[3] ?? {}, value);
    test.each<[string, (model: Draft<ModelProto>) => void, RegExp]>([
        [
            "a newer IR",
            (model) => void Object.assign(model, { irVersion: 99 }),
            /IR version \d+ or lower, which is what this service's onnxruntime reads, found 99\. Save it with .*model\.ir_version = \d+/,
        ],
        [
            "a newer operator set",
            (model) => void Object.assign(model.opsetImport?.[0] ?? {}, { version: 99 }),
            /operator set \d+ of ai\.onnx or lower, .* found 99\. Export it again .*opset_version=17.*convert_version\(model, \d+\)/,
        ],
        [
            "a newer operator set of another domain",
            (model) => void model.opsetImport?.push({ domain: "ai.onnx.ml", version: 99 }),
            /operator set \d+ of ai\.onnx\.ml or lower, .* found 99/,
        ],
        [
            "no operator set",
            (model) => void Object.assign(model, { opsetImport: [] }),
            /say which operator set it uses, found none/,
        ],
        [
            "an operator of one's own",
            (model) => {
                model.opsetImport?.push({ domain: "my.ops", version: 1 });
                node(model, { domain: "my.ops", opType: "Glow" });
            },
            /operators that onnxruntime has, found my\.ops:Glow\. An operator of one's own/,
        ],
        [
            "one whose domain is not declared",
            (model) => void node(model, { domain: "my.ops", opType: "Glow" }),
            /found my\.ops:Glow/,
        ],
        [
            "one of onnxruntime-extensions",
            (model) => {
                model.opsetImport?.push({ domain: "ai.onnx.contrib", version: 1 });
                node(model, { domain: "ai.onnx.contrib", opType: "DecodeImage" });
            },
            /found ai\.onnx\.contrib:DecodeImage/,
        ],
        [
            "weights that are too few",
            (model) =>
                void Object.assign(model.graph?.initializer?.[1] ?? {}, {
                    floatData: [],
                    rawData: Buffer.alloc(8),
                }),
            /to have all of its weights, found fewer/,
        ],
        [
            "bfloat16",
            (model) => void Object.assign(model.graph?.input?.[0]?.type?.tensorType ?? {}, { elemType: 16 }),
            /it takes image bfloat16/,
        ],
    ])("%s", async (_name, change, sentence) => {
        await expect(opening(changed(change))).rejects.toThrow(sentence);
    });

    test("an operator that it has for other types only", async () => {
        const ahead = [
            ["Cast", [], [int("to", dataType.double)]],
            ["GlobalLpPool"],
            ["Cast", [], [int("to", dataType.float)]],
        ] satisfies SmallNetwork["ahead"];
        const network = smallNetwork({ dims: [1, 3, 8, 8], ahead, first: { matrix: 3 } });
        await expect(opening(encodeModel(network))).rejects.toThrow(
            /for the CPU and for the types of its values, found GlobalLpPool \(version 2\)\. Export the model in float32/,
        );
    });
});
