import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { colourModelFolder, folderOf } from "./support/colourModel";

async function folderOfModels(...names: string[]): Promise<string> {
    const onnx = readFileSync(join(await colourModelFolder(), "model.onnx"));
    const files = names.map((name): [string, string | Uint8Array][] => [
        [`${name}/model.onnx`, onnx],
        [`${name}/labels.txt`, `${name} 1\n${name} 2\n${name} 3`],
    ]);
    return folderOf(Object.fromEntries(files.flat()));
}

describe("the models that are served", () => {
    test("are the one in the folder, whatever a request names", async () => {
        const catalog = await openCatalog(await colourModelFolder(), "off");
        expect(catalog.models).toHaveLength(1);
        expect(catalog.find(["some project", undefined])).toBe(catalog.models[0]);
    });

    test("are those in its subfolders, found by the first name that there is one for", async () => {
        const folder = await folderOfModels("fruit", "cheese");
        const catalog = await openCatalog(folder, "off");
        const firstLabel = (...names: string[]) => catalog.find(names).model.labels[0];
        expect(catalog.models.map(({ key }) => key)).toEqual(["cheese", "fruit"]);
        expect(firstLabel("fruit", "cheese")).toBe("fruit 1");
        expect(firstLabel("unknown", "fruit")).toBe("fruit 1");
        expect(firstLabel("unknown", "neither")).toBe("cheese 1");
    });

    test("may lie beside hidden files, and beside folders without a model", async () => {
        const folder = await folderOfModels("fruit");
        writeFileSync(join(folder, ".DS_Store"), "");
        mkdirSync(join(folder, "archive"));
        writeFileSync(join(folder, "archive", "labels.txt"), "a");
        const { models } = await openCatalog(folder, "off");
        expect(models.map(({ key }) => key)).toEqual(["fruit"]);
    });

    test("are the one in the folder where it has files, whatever is below it", async () => {
        const onnx = readFileSync(join(await colourModelFolder(), "model.onnx"));
        const folder = await colourModelFolder({ "below/model.onnx": onnx, "below/labels.txt": "a\nb\nc" });
        const { models } = await openCatalog(folder, "off");
        expect(models.map(({ model }) => model.labels[0])).toEqual(["red"]);
    });

    test("are not served any of them if one cannot be opened", async () => {
        const folder = await folderOfModels("fruit", "meat");
        writeFileSync(join(folder, "meat", "labels.txt"), "one");
        await expect(openCatalog(folder, "off")).rejects.toThrow(/Expected 3 labels/);
    });

    test("have the one called default as their default", async () => {
        const catalog = await openCatalog(await folderOfModels("apples", "default", "bread"), "off");
        expect(catalog.find([]).key).toBe("default");
    });

    test("are found by the name in their description too", async () => {
        const onnx = readFileSync(join(await colourModelFolder(), "model.onnx"));
        const folder = await folderOf({
            "a/model.onnx": onnx,
            "a/model.yaml": "labels: [a, b, c]",
            "b/model.onnx": onnx,
            "b/model.yaml": "{ name: Fruit v2, labels: [d, e, f] }",
        });
        expect((await openCatalog(folder, "off")).find(["Fruit v2"]).key).toBe("b");
    });

    test("are missed with a sentence where there are none", async () => {
        await expect(openCatalog(await folderOf({ "sub/readme.txt": "x" }), "off")).rejects.toThrow(
            /Expected model\.onnx in/,
        );
        await expect(openCatalog("/not/there", "off")).rejects.toThrow(
            /Expected a folder with a model at \/not\/there/,
        );
    });
});
