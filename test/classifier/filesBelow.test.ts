import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../../classifier/src/model/filesBelow";
import { folderOf } from "./support/colourModel";

describe("the files below a folder", () => {
    test("are each there once where a link leads back to a folder above", async () => {
        const folder = await folderOf({ "model.onnx": "x", "samples/ripe/a.png": "x" });
        symlinkSync(folder, join(folder, "samples", "ripe", "above"));
        expect(await filesBelow(folder)).toEqual(["model.onnx", "samples/ripe/a.png"]);
    });

    test("are those that links lead to, and links that lead nowhere", async () => {
        const [folder, other] = [await folderOf({}), await folderOf({ "model.onnx": "x" })];
        symlinkSync(other, join(folder, "linked"));
        symlinkSync(join(other, "gone"), join(folder, "labels.txt"));
        expect(await filesBelow(folder)).toEqual(["labels.txt", "linked/model.onnx"]);
    });
});
