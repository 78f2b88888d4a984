import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataType, decodeModel, encodeModel } from "../../classifier/src/onnx";
import { openSession } from "../../classifier/src/session";
import { describeWith, sharedData } from "../support/sharedData";

const small = {
    irVersion: 7,
    opsetImport: [{ domain: "", version: 13 }],
    graph: {
        name: "twice",
        node: [{ opType: "Add", input: ["x", "x"], output: ["y"] }],
        input: [{ name: "x", type: { tensorType: { elemType: dataType.float } } }],
        output: [{ name: "y", type: { tensorType: { elemType: dataType.float } } }],
    },
};

describe("the ONNX codec", () => {
    test("writes a model that reads back as it was built", () => {
        const model = decodeModel(encodeModel(small));
        expect(Number(model.irVersion)).toBe(7);
        expect(model.graph.node[0]?.opType).toBe("Add");
        expect(model.graph.input[0]?.type?.tensorType?.elemType).toBe(dataType.float);
    });

    test("reads what is absent as its default, null or an empty list", () => {
        const { graph, producerName } = decodeModel(encodeModel(small));
        expect(producerName).toBe("");
        expect(graph.initializer).toEqual([]);
        expect(graph.node[0]?.domain).toBe("");
        expect(graph.output[0]?.type?.mapType).toBeNull();
    });

    test("keeps 64-bit integers that no double can hold", () => {
        const { graph } = small;
        const ends = { name: "ends", dataType: dataType.int64, dims: [1] };
        const maximum = { low: -1, high: 0x7fffffff };
        const bytes = encodeModel({
            ...small,
            graph: { ...graph, initializer: [{ ...ends, int64Data: [maximum] }] },
        });
        const again = decodeModel(encodeModel(decodeModel(bytes)));
        expect(String(again.graph.initializer[0]?.int64Data[0])).toBe("9223372036854775807");
    });

    test("keeps fields that it does not know through a round trip", () => {
        const newer = Buffer.concat([encodeModel(small), Buffer.from([0xfa, 0x3e, 2, 0x61, 0x62])]);
        expect(Buffer.from(encodeModel(decodeModel(newer)))).toEqual(newer);
    });

    test.each([
        ["an empty file", Buffer.alloc(0)],
        ["a text", Buffer.from("no model at all")],
        ["a model without nodes", Buffer.from(encodeModel({ irVersion: 7 }))],
        ["the first half of a model", Buffer.from(encodeModel(small)).subarray(0, 20)],
    ])("refuses %s with what was expected, found and to do", (_, bytes) => {
        expect(() => decodeModel(bytes)).toThrow(
            /^Expected .*ONNX.*found .* (Give|Put|Export|Download|Copy)/s,
        );
    });
});

describeWith("custom-vision")("the ONNX codec on real exports", () => {
    const exports = sharedData("custom-vision");
    test.each([
        "catdog-onnx10-multilabel",
        "catdog-onnx12-2class",
        "shelf-onnx12-multilabel",
        "derived-general-compact-224-onnx",
    ])("gives back %s byte for byte", (name) => {
        const bytes = readFileSync(join(exports, name, "model.onnx"));
        expect(bytes.equals(encodeModel(decodeModel(bytes)))).toBe(true);
    });

    test("onnxruntime opens an export that went through it", async () => {
        const model = decodeModel(readFileSync(join(exports, "catdog-onnx12-2class", "model.onnx")));
        model.producerName = "changed";
        await expect(openSession(encodeModel(model), "data", "loss")).resolves.toBeDefined();
    });
});
