import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { encodeModel } from "../../classifier/src/onnx";
import { importModel } from "../../cli/importModel";
import { COLOURS, colourModel, folderOf, pngOf } from "../classifier/support/colourModel";
import { describeWith, sharedData } from "../support/sharedData";

const ONNX = Buffer.from(encodeModel(colourModel({ zipMap: COLOURS })));
const sha1 = createHash("sha1").update(ONNX).digest("hex");
const manifest = (fields: object = {}) =>
    JSON.stringify({
        DomainType: "Classification",
        Platform: "ONNX",
        ExportedDate: "2026-07-28T23:45:33.9454252Z",
        IterationId: "b05850ed-6bfd-4f03-ae27-cbcd32b8b93e",
        ModelFileName: "model.onnx",
        LabelFileName: "labels.txt",
        ModelFileSHA1: sha1,
        ...fields,
    });
const EXPORT = {
    "model.onnx": ONNX,
    "labels.txt": COLOURS.join("\n"),
    "cvexport.manifest": manifest(),
    LICENSE: "MIT",
};

async function zipOf(files: Record<string, string | Uint8Array>): Promise<string> {
    const path = join(await folderOf({}), "fruit.zip");
    const zip = new ZipFile();
    for (const [name, content] of Object.entries(files)) {
        zip.addBuffer(Buffer.from(content), name);
    }
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(path));
    return path;
}

const contents = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
const newTarget = async (files: Record<string, string> = {}) => {
    const parent = await folderOf(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`model/${name}`, text])),
    );
    return join(parent, "model");
};

describe("importing a model", () => {
    test("takes an export's zip without its code, and describes it by its manifest", async () => {
        const target = await newTarget();
        const zip = await zipOf({ ...EXPORT, "python/predict.py": "import os", "run.js": "" });
        expect(await importModel(zip, target)).toEqual({
            name: "fruit",
            version: "2026-07-28",
            labels: COLOURS,
            files: ["cvexport.manifest", "labels.txt", "model.onnx", "model.yaml"],
            probe: "Different images get different answers.",
        });
        expect(contents(target)).toEqual(["cvexport.manifest", "labels.txt", "model.onnx", "model.yaml"]);
        expect(readFileSync(join(target, "model.onnx")).equals(ONNX)).toBe(true);
        expect((await openCatalog(target, "stop")).find([]).model).toMatchObject({
            name: "fruit",
            description: "Custom Vision export of iteration b05850ed-6bfd-4f03-ae27-cbcd32b8b93e",
        });
    });

    test("takes a zip whose files lie in one folder, and an unpacked folder", async () => {
        const nested = Object.fromEntries(
            Object.entries(EXPORT).map(([name, content]) => [`export/${name}`, content]),
        );
        const fromZip = await newTarget();
        await importModel(await zipOf(nested), fromZip);
        const fromFolder = await newTarget();
        await importModel(await folderOf(EXPORT), fromFolder);
        expect(contents(fromFolder)).toEqual(contents(fromZip));
    });

    test("takes an ONNX file of any name with the labels, description and nothing else beside it", async () => {
        const target = await newTarget();
        const folder = await folderOf({
            "squeezenet.onnx": ONNX,
            "labels.txt": COLOURS.join("\n"),
            "model.yaml": "name: Squeeze\nversion: 3",
            "photo.png": await pngOf([1, 2, 3]),
        });
        const imported = await importModel(join(folder, "squeezenet.onnx"), target);
        expect(imported).toMatchObject({ name: "Squeeze", version: "3" });
        expect(contents(target)).toEqual(["labels.txt", "model.onnx", "model.yaml"]);
    });

    test("replaces the model that was there as a whole, and takes samples along", async () => {
        const target = await newTarget({ "model.onnx": "old", "old.txt": "old" });
        const source = await folderOf({
            ...EXPORT,
            "model.yaml": "preprocessing: { channelOrder: rgb }",
            "samples/red/one.png": await pngOf([255, 0, 0]),
        });
        expect((await importModel(source, target)).name).toBe("model");
        expect(contents(target)).toContain(join("samples", "red", "one.png"));
        expect(contents(target)).not.toContain("old.txt");
        expect(readdirSync(join(target, ".."))).toEqual(["model"]);
    });

    const MORE = {
        "__MACOSX/._model.onnx": "\0",
        "._model.onnx": "\0",
        ".DS_Store": "\0",
        "Thumbs.db": "\0",
        "README.md": "x",
        LICENSE: "MIT",
    };
    const under = (folder: string, files: Record<string, string | Uint8Array>) =>
        Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
    const PLAIN = { "model.onnx": ONNX, "labels.txt": COLOURS.join("\n") };

    test.each<[string, Record<string, string | Uint8Array>]>([
        ["at the top, among what systems leave behind", { ...PLAIN, ...MORE }],
        ["in a folder beside that", { ...MORE, ...under("fruit", PLAIN) }],
        ["in a folder in a folder with a README", { "a/README": "x", ...under("a/b", PLAIN) }],
        [
            "in a folder written with backslashes",
            { "fruit\\model.onnx": ONNX, "fruit\\labels.txt": PLAIN["labels.txt"] },
        ],
        [
            "as an export for Hugging Face",
            { "onnx/model.onnx": ONNX, "labels.txt": PLAIN["labels.txt"], "README.md": "x" },
        ],
    ])("takes one that lies %s", async (_, files) => {
        const target = await newTarget();
        expect((await importModel(await zipOf(files), target)).labels).toEqual(COLOURS);
        expect(contents(target)).toEqual(["labels.txt", "model.onnx", "model.yaml"]);
        const slashed = Object.entries(files).map(([name, content]) => [name.replaceAll("\\", "/"), content]);
        const fromFolder = await newTarget();
        await importModel(await folderOf(Object.fromEntries(slashed)), fromFolder);
        expect(contents(fromFolder)).toEqual(contents(target));
    });

    test("takes files that are links, as caches keep them, and says which one leads nowhere", async () => {
        const blobs = await folderOf({ a: ONNX, b: COLOURS.join("\n") });
        const folder = await folderOf({});
        await promises.symlink(join(blobs, "a"), join(folder, "model.onnx"));
        await promises.symlink(join(blobs, "b"), join(folder, "labels.txt"));
        await promises.symlink(folder, join(folder, "round"));
        expect((await importModel(folder, await newTarget())).labels).toEqual(COLOURS);
        await promises.rm(join(blobs, "b"));
        await expect(importModel(folder, await newTarget())).rejects.toThrow(
            /Expected to read .*labels\.txt, found a link that leads nowhere/,
        );
    });

    test("takes along every file that describes it", async () => {
        const target = await newTarget();
        const source = await folderOf({
            "model.onnx": ONNX,
            "labels.json": JSON.stringify(COLOURS),
            "config.json": JSON.stringify({ id2label: { ...COLOURS } }),
            "preprocessor_config.json": JSON.stringify({
                size: { height: 8, width: 8 },
                resample: 2,
                do_rescale: false,
                do_normalize: false,
            }),
        });
        await importModel(source, target);
        expect(contents(target)).toEqual([
            "config.json",
            "labels.json",
            "model.onnx",
            "model.yaml",
            "preprocessor_config.json",
        ]);
    });

    const foreign: [string, () => Promise<string>, RegExp][] = [
        [
            "the DockerFile flavour",
            () => zipOf({ Dockerfile: "FROM x", "app/model.pb": "x", "app/predict.py": "" }),
            /found the DockerFile flavour in .*fruit\.zip.*Export, ONNX, Download/,
        ],
        [
            "a damaged network",
            () => zipOf({ ...EXPORT, "model.onnx": Buffer.concat([ONNX, ONNX]) }),
            /to have the SHA-1 .* that its manifest says, found/,
        ],
        [
            "labels that do not match",
            () => zipOf({ ...EXPORT, "labels.txt": "one" }),
            /Expected 3 labels for the 3 scores of .*fruit\.zip/,
        ],
        [
            "a model that the probe finds fault with",
            () => folderOf({ ...EXPORT, "model.yaml": "preprocessing: { range: [0, 0.01] }" }),
            /found nearly the same answer for all/,
        ],
        [
            "a zip without a model",
            () => zipOf({ "readme.txt": "x" }),
            /Expected model\.onnx in .*fruit\.zip, found no such file/,
        ],
        [
            "a file that is no zip",
            () => folderOf({ "a.zip": "no zip" }).then((folder) => join(folder, "a.zip")),
            /Expected .*a\.zip to be the zip of an ONNX export/,
        ],
        [
            "several models",
            () => zipOf({ "a/model.onnx": ONNX, "b/c/model.onnx": ONNX }),
            /Expected one model in .*fruit\.zip, found several: a, b\/c\. Import one/,
        ],
        [
            "a zip in a zip",
            () => zipOf({ "README.md": "x", "inner/fruit.zip": "x" }),
            /found none but inner\/fruit\.zip\. Unpack that/,
        ],
        [
            "a manifest that is no UTF-8",
            () => zipOf({ ...EXPORT, "cvexport.manifest": Buffer.from('{"a":\n"\xe9"}', "latin1") }),
            /Expected cvexport\.manifest of .*fruit\.zip to be UTF-8, found in line 2 the byte 0xe9/,
        ],
        [
            "another file",
            () => folderOf({ "model.pb": "x" }).then((folder) => join(folder, "model.pb")),
            /Expected the zip of an ONNX export, its unpacked folder, or an ONNX file, found model\.pb/,
        ],
        ["nothing", async () => "/not/there.zip", /found nothing there/],
        ["a link to itself", linkToItself, /^ELOOP: too many symbolic links/],
    ];
    test.each(foreign)("refuses %s and leaves the old model alone", async (_name, source, sentence) => {
        const target = await newTarget({ "model.onnx": "old" });
        await expect(importModel(await source(), target)).rejects.toThrow(sentence);
        expect(readFileSync(join(target, "model.onnx"), "utf8")).toBe("old");
        expect(readdirSync(join(target, ".."))).toEqual(["model"]);
    });

    async function linkToItself(): Promise<string> {
        const link = join(await folderOf({}), "model.onnx");
        symlinkSync(link, link);
        return link;
    }

    /** Has the renames from the `step`th on (and no other) fail as often as `times` says. */
    function failRename(step: number, times = 1) {
        const rename = promises.rename;
        let calls = 0;
        return jest.spyOn(promises, "rename").mockImplementation(async (from, to) => {
            calls++;
            if (calls >= step && calls < step + times)
                throw Object.assign(new Error("no"), { code: "EACCES" });
            return rename(from, to);
        });
    }
    afterEach(() => jest.restoreAllMocks());

    test.each([
        ["the old model cannot be put aside", 1],
        ["the new model cannot take its place", 2],
    ])("has changed nothing and left nothing where %s", async (_, step) => {
        const target = await newTarget({ "model.onnx": "old", "samples/a.png": "old" });
        failRename(step);
        await expect(importModel(await folderOf(EXPORT), target)).rejects.toThrow("no");
        expect(contents(target)).toEqual(["model.onnx", "samples", join("samples", "a.png")]);
        expect(readFileSync(join(target, "model.onnx"), "utf8")).toBe("old");
        expect(readdirSync(join(target, ".."))).toEqual(["model"]);
        // It goes on from there.
        await importModel(await folderOf(EXPORT), target);
        expect(readdirSync(join(target, ".."))).toEqual(["model"]);
    });

    test("leaves nothing where there was no model and the new one cannot take its place", async () => {
        const target = await newTarget();
        failRename(2);
        await expect(importModel(await folderOf(EXPORT), target)).rejects.toThrow("no");
        expect(readdirSync(join(target, ".."))).toEqual([]);
    });

    test("keeps the old model aside where it can be put nowhere else", async () => {
        const target = await newTarget({ "model.onnx": "old" });
        failRename(2, 2);
        await expect(importModel(await folderOf(EXPORT), target)).rejects.toThrow("no");
        const [aside = "", ...others] = readdirSync(join(target, ".."));
        expect(others).toEqual([]);
        expect(readFileSync(join(target, "..", aside, "model.onnx"), "utf8")).toBe("old");
    });

    test("works after an import that was killed between its two renames", async () => {
        const parent = join(await newTarget(), "..");
        for (const folder of [".model-killed", ".model-killed.old"]) {
            mkdirSync(join(parent, folder), { recursive: true });
            writeFileSync(join(parent, folder, "model.onnx"), "old");
        }
        await importModel(await folderOf(EXPORT), join(parent, "model"));
        expect(contents(join(parent, "model"))).toContain("labels.txt");
    });

    const endings = ["jpg", "JPEG", "png", "gif", "bmp", "webp", "tif", "tiff"];
    test.each<[string, readonly string[], readonly string[]]>([
        [
            "samples of every picture format, in any letter case",
            endings.map((ending) => `samples/red/1.${ending}`),
            ["samples/red/notes.txt", "samples/run.py", "other/samples/red/1.png", "photo.png"],
        ],
        ["networks of its own folder in any letter case", ["other.ONNX"], ["deep/other.onnx"]],
        ["the labels that its manifest names", ["names.txt"], ["other.txt"]],
    ])("takes %s, and nothing like them", async (_, taken, left) => {
        const red = await pngOf([255, 0, 0]);
        const contentOf = (name: string) =>
            name.endsWith(".txt") ? COLOURS.join("\n") : /onnx$/i.test(name) ? ONNX : red;
        const source = await folderOf({
            ...EXPORT,
            ...Object.fromEntries([...taken, ...left].map((name) => [name, contentOf(name)])),
            ...(taken[0]?.startsWith("samples/") && { "model.yaml": "preprocessing: { channelOrder: rgb }" }),
            "cvexport.manifest": manifest({ LabelFileName: taken.includes("names.txt") ? "names.txt" : "" }),
        });
        const { files } = await importModel(source, await newTarget());
        const usual = ["cvexport.manifest", "labels.txt", "model.onnx", "model.yaml"];
        expect(files).toEqual([...usual, ...taken].sort());
    });

    test("takes a zip whose name ends in large letters, by its name without them", async () => {
        const zip = await zipOf(EXPORT);
        const large = zip.replace(/fruit\.zip$/, "FRUIT.ZIP");
        await promises.rename(zip, large);
        expect((await importModel(large, await newTarget())).name).toBe("FRUIT");
    });

    test.each([
        [2 ** 30 - 1, false],
        [2 ** 30 + 1, true],
    ])("refuses a zip that claims to unpack to %i bytes before it unpacks: %s", async (bytes, refused) => {
        const zip = await zipOf({ "model.onnx": ONNX });
        const content = readFileSync(zip);
        // APPNOTE.TXT 4.3.12: the size of what is unpacked, in the entry of the central directory.
        content.writeUInt32LE(bytes, content.indexOf("PK\x01\x02", 0, "latin1") + 24);
        writeFileSync(zip, content);
        const error = await importModel(zip, await newTarget()).catch(String);
        expect(String(error).includes("it unpacks to more than 1073741824 bytes")).toBe(refused);
    });

    test("knows the hash of its manifest in large letters, too", async () => {
        const large = manifest({ ModelFileSHA1: sha1.toUpperCase() });
        const source = await folderOf({ ...EXPORT, "cvexport.manifest": large });
        expect((await importModel(source, await newTarget())).labels).toEqual(COLOURS);
    });
});

describeWith("cases")("the case of a zip as macOS packs a folder", () => {
    test("has its model found", async () => {
        const { labels } = await importModel(sharedData("cases", "models", "macos.zip"), await newTarget());
        expect(labels).toHaveLength(3);
    });
});
