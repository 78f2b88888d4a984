import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { classify } from "../../classifier/src/classify";
import { openModel } from "../../classifier/src/model/openModel";
import { type Draft, EXTERNAL, encodeModel, type ModelProto } from "../../classifier/src/onnx";
import { importModel } from "../../cli/importModel";
import { folderOf, pngOf } from "./support/colourModel";
import { smallNetwork, smallNetworkFolder } from "./support/smallNetwork";

const OPTIONS = { preprocessing: "exact", maxPixels: 1_000_000 } as const;
const NETWORK = { dims: [1, 3, 8, 8] };
const LABELS = "label 0\nlabel 1\nlabel 2";

type Place = { location: string; offset?: number; length?: number };

/** The network with its weights in other files, as `onnx.save` writes them with `save_as_external_data`. */
function split(placeOf: (name: string, bytes: Buffer, offset: number) => Place) {
    const model: Draft<ModelProto> = smallNetwork(NETWORK);
    const files = new Map<string, Buffer>();
    let offset = 0;
    for (const tensor of model.graph?.initializer ?? []) {
        const bytes = Buffer.from(Float32Array.from(tensor.floatData ?? []).buffer);
        const place = placeOf(tensor.name ?? "", bytes, offset);
        files.set(place.location, Buffer.concat([files.get(place.location) ?? Buffer.alloc(0), bytes]));
        offset += bytes.length;
        Object.assign(tensor, {
            floatData: [],
            dataLocation: EXTERNAL,
            externalData: Object.entries(place).map(([key, value]) => ({ key, value: String(value) })),
        });
    }
    return { onnx: encodeModel(model), files };
}

const inOneFile = (location: string) => split((_name, { length }, offset) => ({ location, offset, length }));

async function folderWith({ onnx, files }: ReturnType<typeof split>, skip?: string): Promise<string> {
    const kept = [...files].filter(([name]) => name !== skip);
    return folderOf({ "model.onnx": onnx, "labels.txt": LABELS, ...Object.fromEntries(kept) });
}

async function answers(folder: string): Promise<number[]> {
    const predictions = await classify(await openModel(folder), await pngOf([10, 200, 90], 8, 8), OPTIONS);
    return predictions.map(({ probability }) => probability);
}

describe("weights in other files", () => {
    let expected: number[];
    beforeAll(async () => {
        expected = await answers(await smallNetworkFolder(NETWORK));
    });

    test.each<[string, ReturnType<typeof split>]>([
        ["in one", inOneFile("model.onnx.data")],
        ["in one, by the name that Hugging Face gives it", inOneFile("model.onnx_data")],
        ["in one of a folder", inOneFile("weights/all.bin")],
        ["in one each, without offset and length", split((name) => ({ location: name }))],
        ["in one that is named from the folder itself", split((name) => ({ location: `./${name}.bin` }))],
    ])("are taken into the network: %s", async (_name, model) => {
        expect(await answers(await folderWith(model))).toEqual(expected);
    });

    test("are imported with it, from a folder and from the file alone", async () => {
        const folder = await folderWith(inOneFile("weights/all.bin"));
        writeFileSync(join(folder, "other.bin"), "not the model's");
        for (const source of [folder, join(folder, "model.onnx")]) {
            const target = join(await folderOf({}), "model");
            expect((await importModel(source, target)).files).toContain("weights/all.bin");
            expect(readdirSync(target, { recursive: true })).not.toContain("other.bin");
            expect(await answers(target)).toEqual(expected);
        }
    });

    test("are missed by their name, and nothing is imported", async () => {
        const folder = await folderWith(inOneFile("model.onnx.data"), "model.onnx.data");
        const sentence = /Expected the file model\.onnx\.data beside .*, found none\. Copy both/;
        await expect(openModel(folder)).rejects.toThrow(sentence);
        const parent = await folderOf({ "model/labels.txt": "old" });
        for (const source of [folder, join(folder, "model.onnx")]) {
            await expect(importModel(source, join(parent, "model"))).rejects.toThrow(sentence);
        }
        expect(readdirSync(join(parent, "model"))).toEqual(["labels.txt"]);
    });

    test.each([
        "../secret",
        "a/../../secret",
        "/etc/hostname",
        "C:\\data",
        "..\\secret",
        "*/_ORT_MEM_ADDR_/*",
        "",
    ])("are not read from outside of the folder: %j", async (location) => {
        const { onnx } = split(() => ({ location }));
        const folder = await folderOf({
            "model/model.onnx": onnx,
            "model/labels.txt": LABELS,
            secret: Buffer.alloc(9999),
        });
        const sentence = `in a file beside it, found ${JSON.stringify(location)}`;
        await expect(openModel(join(folder, "model"))).rejects.toThrow(sentence);
        await expect(importModel(join(folder, "model"), join(folder, "out"))).rejects.toThrow(sentence);
    });

    test("are told from those that are cut short, or a pointer of Git LFS, or a folder", async () => {
        const folder = await folderWith(inOneFile("model.onnx.data"));
        const data = join(folder, "model.onnx.data");
        truncateSync(data, 100);
        await expect(openModel(folder)).rejects.toThrow(
            /Expected 4\d\d bytes or more in model\.onnx\.data, .* found 100\. Copy both/,
        );
        writeFileSync(data, "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n");
        await expect(openModel(folder)).rejects.toThrow(/found a pointer of Git LFS\. Run git lfs pull/);
        rmSync(data);
        mkdirSync(data);
        await expect(openModel(folder)).rejects.toThrow(/found no file of that name/);
    });

    test("of more than 2 GB are refused before they are read", async () => {
        const { onnx } = split((name) => ({
            location: "model.onnx.data",
            offset: 0,
            length: name === "W" ? 2 ** 31 : 4,
        }));
        const folder = await folderOf({ "model.onnx": onnx, "labels.txt": LABELS, "model.onnx.data": "" });
        // A file of that length which takes no place.
        truncateSync(join(folder, "model.onnx.data"), 2 ** 31 + 8);
        await expect(openModel(folder)).rejects.toThrow(/to have less than 2 GB, found 2\.1 GB/);
    });

    test("and so is a network of its own of more than that, or weights when they are imported", async () => {
        const folder = await folderWith(inOneFile("model.onnx.data"));
        const [network, data] = [join(folder, "model.onnx"), join(folder, "model.onnx.data")];
        truncateSync(data, 2 ** 31 + 8);
        await expect(importModel(folder, join(folder, "out"))).rejects.toThrow(
            /model\.onnx\.data to have less than 2 GB/,
        );
        truncateSync(network, 2 ** 31 + 8);
        await expect(openModel(folder)).rejects.toThrow(/model\.onnx to have less than 2 GB, found more/);
    });

    test("leave the file as it is", async () => {
        const folder = await folderWith(inOneFile("model.onnx.data"));
        const before = readFileSync(join(folder, "model.onnx"));
        await openModel(folder);
        expect(readFileSync(join(folder, "model.onnx"))).toEqual(before);
    });
});
