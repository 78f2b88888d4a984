import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { openModel } from "../../classifier/src/model/openModel";
import { toPredictions } from "../../classifier/src/predictions";
import { toTensor } from "../../classifier/src/tensor";
import type { Progress } from "../../setup/progress";
import { conditions, fullSize, underCondition } from "../../training/conditions";
import { writeModelFiles } from "../../training/modelFiles";
import { readPhotographs } from "../../training/photographs";
import { trainModel } from "../../training/train";
import { edge } from "../cli/edge";
import { disc, type Exif, toPng } from "./pictures";

let folder: string;
let images: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "training-"));
    images = join(folder, "discs");
    mkdirSync(images);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Two images of a label; `seconds` are the times at which they were taken, and GPS tags say where. */
async function writeImages(label: string, spots: number, ...seconds: string[]) {
    mkdirSync(join(images, label), { recursive: true });
    for (const [i, second] of [...seconds, undefined, undefined].slice(0, 2).entries()) {
        const exif: Exif | undefined =
            second === undefined
                ? undefined
                : {
                      IFD2: { DateTimeOriginal: `2021:06:02 10:21:${second}` },
                      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "47/1 41/1 22/1" },
                  };
        writeFileSync(join(images, label, `${i}.png`), await toPng(disc(spots, 10 * spots + i), exif));
    }
}

async function train(out: string, ...args: string[]) {
    const path = join(folder, out);
    const result = await edge("model", "train", images, "--out", path, "--variants", "2", ...args);
    return { ...result, path, network: () => readFileSync(join(path, "model.onnx")) };
}

describe("training", () => {
    // Of these a head is fitted and judged: two bursts of each label.
    test("makes a model that the classifier opens and that knows images it has not seen", async () => {
        await writeImages("clean", 0);
        await writeImages("spotted", 25);
        const { path, stdout, exitCode } = await train("model", "--json");
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toEqual({
            folder: path,
            ...parse(readFileSync(join(path, "model.yaml"), "utf8")),
        });
        expect(readFileSync(join(path, "labels.txt"), "utf8")).toBe("clean\nspotted\n");

        const { training, preprocessing, labels, description } = JSON.parse(stdout);
        expect({ preprocessing, labels, description }).toEqual({
            preprocessing: { width: 224, height: 224, channelOrder: "rgb", range: [0, 255] },
            labels: ["clean", "spotted"],
            description: "Tells clean from spotted.",
        });
        expect(training).toMatchObject({
            seed: 1,
            variantsPerImage: 2,
            images: { clean: 2, spotted: 2 },
            bursts: { clean: 2, spotted: 2 },
        });
        expect(training.heldOutBursts).toEqual({ correct: 4, of: 4, accuracy: 1, wilson95: [0.51, 1] });
        const rows = training.robustness.map(({ condition }: { condition: string }) => condition);
        expect(rows).toEqual(conditions.map(({ name }) => name));

        const model = await openModel(path);
        for (const [label, spots] of Object.entries({ clean: 0, spotted: 25 })) {
            const scores = await model.session.run(toTensor(disc(spots, 99), model.format));
            const predictions = toPredictions(scores, model.labels, model.activation);
            expect(predictions.find(({ probability }) => probability > 0.5)?.label).toBe(label);
        }
    });

    test("gives the same bytes for the same images and seed, others for another, and leaves metadata behind", async () => {
        await writeImages("clean", 0, "00");
        await writeImages("spotted", 25, "00");
        for (const label of ["clean", "spotted"]) rmSync(join(images, label, "1.png"));
        expect(readFileSync(join(images, "clean", "0.png")).includes("2021:06:02")).toBe(true);
        const few = ["--variants", "1"];
        const [one, same, other] = [
            await train("one", ...few, "--description", "Discs."),
            await train("same", ...few),
            await train("other", ...few, "--seed", "2"),
        ];
        expect([one.exitCode, same.exitCode, other.exitCode]).toEqual([0, 0, 0]);
        expect(one.network().equals(same.network())).toBe(true);
        expect(one.network().equals(other.network())).toBe(false);

        expect(readdirSync(one.path).sort()).toEqual(["labels.txt", "model.onnx", "model.yaml"]);
        for (const file of readdirSync(one.path)) {
            const written = readFileSync(join(one.path, file));
            for (const trace of ["2021:06:02", "Exif", images]) expect(written.includes(trace)).toBe(false);
        }
        expect(parse(readFileSync(join(one.path, "model.yaml"), "utf8"))).toMatchObject({
            description: "Discs.",
            training: { heldOutBursts: "not evaluated: a label has one burst only", variantsPerImage: 1 },
        });
        expect(parse(readFileSync(join(other.path, "model.yaml"), "utf8")).training.seed).toBe(2);
    });

    test("tests with pictures that have no metadata either", async () => {
        await writeImages("clean", 0, "00");
        const photograph = await fullSize(readFileSync(join(images, "clean", "0.png")));
        for (const condition of conditions) {
            const changed = await underCondition(photograph, condition);
            for (const trace of ["2021:06:02", "Exif", "eXIf"]) expect(changed.includes(trace)).toBe(false);
        }
    });
});

describe("photographs", () => {
    const tiny = { data: new Uint8Array(4 * 4 * 3).fill(99), width: 4, height: 4 };
    const write = async (name: string, exif?: Record<string, string>) =>
        writeFileSync(join(images, name), await toPng(tiny, exif && { IFD2: exif }));

    test("are read in the order of labels and names, in bursts by the times that cameras wrote into them", async () => {
        for (const label of ["b", "a", ".hidden"]) mkdirSync(join(images, label));
        const at = (second: string, SubSecTimeOriginal = "0") => ({
            DateTimeOriginal: `2021:06:02 10:21:${second}`,
            SubSecTimeOriginal,
        });
        writeFileSync(join(images, "notes.txt"), "beside the labels");
        writeFileSync(join(images, "a", ".DS_Store"), "hidden");
        await write("a/2.png", at("00", "5"));
        await write("a/1.png", at("03", "5"));
        await write("a/3.png", at("06", "6"));
        await write("b/1.png", at("00"));
        await write("b/2.png");
        const photographs = await readPhotographs(images, 3);
        expect(photographs.map(({ file, label, burst }) => [file, label, burst])).toEqual(
            [
                ["a/1.png", 0],
                ["a/2.png", 0],
                ["a/3.png", 1],
                ["b/1.png", 2],
                ["b/2.png", 3],
            ].map(([name, burst]) => [join(images, String(name)), String(name).charAt(0), burst]),
        );
        for (const { pixels } of photographs) {
            expect({ ...pixels, data: [...pixels.data] }).toMatchObject({
                data: Array(27).fill(99),
                width: 3,
                height: 3,
            });
        }
    });
});

describe("bad input to training", () => {
    const silent: Progress = {
        begin: () => ({ doing: () => {}, latest: () => {}, done: () => {}, fail: () => {} }),
        done: () => {},
        say: () => {},
    };
    const cases: [what: string, prepare: () => Promise<void> | void, sentence: RegExp][] = [
        [
            "a folder that is not there",
            () => rmSync(images, { recursive: true }),
            /^Expected one folder of images per label in .*there is no such folder\. Give/,
        ],
        ["an empty folder", () => {}, /^Expected one folder of images per label .*found none\. Sort/],
        ["one label only", () => writeImages("clean", 0), /two labels at least, found clean\. Sort/],
        [
            "a label without images",
            async () => {
                await writeImages("clean", 0);
                mkdirSync(join(images, "spotted"));
            },
            /^Expected images of "spotted" in .*found none\. Put/,
        ],
        [
            "folders below a label",
            async () => {
                await writeImages("clean", 0);
                mkdirSync(join(images, "spotted", "monday"), { recursive: true });
            },
            /^Expected images of "spotted" in .*found the folder monday\. Put/,
        ],
        [
            "a file that is no image",
            async () => {
                await writeImages("clean", 0);
                await writeImages("spotted", 25);
                writeFileSync(join(images, "spotted", "notes.txt"), "not an image");
            },
            /spotted\/notes\.txt: Expected .*image.* Repair or remove notes\.txt\.$/,
        ],
    ];
    test.each(cases)("%s gets a sentence", async (_, prepare, sentence) => {
        await prepare();
        const training = trainModel(images, { name: "discs", version: "1", seed: 1, variants: 1 }, silent);
        await expect(training).rejects.toMatchObject({
            name: "BadInput",
            message: expect.stringMatching(sentence),
        });
    });

    test("ends the command with exit code 2, and nothing is written", async () => {
        const { exitCode, stdout, stderr, path } = await train("model", "--json");
        expect(exitCode).toBe(2);
        expect(stdout).toBe("");
        expect(stderr).toMatch(/Expected one folder of images per label/);
        expect(() => readdirSync(path)).toThrow("ENOENT");
    });

    test("a seed that is no whole number is wrong usage", async () => {
        const { exitCode, stderr } = await train("model", "--seed", "one");
        expect(exitCode).toBe(2);
        expect(stderr).toMatch(/Expected a whole number/);
    });
});

describe("a model's files", () => {
    test("take the place of an older model's, and leave other files and no temporary ones", async () => {
        const out = join(folder, "model");
        mkdirSync(out);
        writeFileSync(join(out, "model.onnx"), "old");
        writeFileSync(join(out, "notes.txt"), "mine");
        await writeModelFiles(out, {
            network: Buffer.from("new"),
            labels: ["a", "b"],
            description: { name: "n" },
        });
        expect(readFileSync(join(out, "model.onnx"), "utf8")).toBe("new");
        expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
        expect(readdirSync(folder).sort()).toEqual(["discs", "model"]);
    });

    const files = {
        network: Buffer.from("new"),
        labels: ["a", "b"],
        description: { name: "n", labels: ["a", "b"] },
    };

    test("are made with their folder, one label a line and short lists on one", async () => {
        const out = join(folder, "below", "model");
        await writeModelFiles(out, files);
        expect(readFileSync(join(out, "labels.txt"), "utf8")).toBe("a\nb\n");
        expect(readFileSync(join(out, "model.yaml"), "utf8")).toBe("name: n\nlabels: [a, b]\n");
        expect(readdirSync(join(folder, "below"))).toEqual(["model"]);
    });

    test("are those of the older model still, all of them, where the new ones cannot be written", async () => {
        const out = join(folder, "model");
        await writeModelFiles(out, files);
        const unwritable = {
            get name(): string {
                throw new Error("no name");
            },
        };
        await expect(
            writeModelFiles(out, { ...files, network: Buffer.from("newer"), description: unwritable }),
        ).rejects.toThrow("no name");
        // A network that is none fails only when its file is written.
        await expect(
            writeModelFiles(out, { ...files, labels: ["newer"], network: 7 as never }),
        ).rejects.toThrow();
        expect(readFileSync(join(out, "model.onnx"), "utf8")).toBe("new");
        expect(readFileSync(join(out, "labels.txt"), "utf8")).toBe("a\nb\n");
        expect(readdirSync(folder).sort()).toEqual(["discs", "model"]);
    });

    test.each(["model.onnx", "labels.txt", "model.yaml"])(
        "are what they were, or not there, where %s cannot take its place",
        async (name) => {
            const others = ["model.onnx", "labels.txt", "model.yaml"].filter((other) => other !== name);
            for (const out of [join(folder, "model"), join(folder, "new")]) {
                mkdirSync(join(out, name, "in the way"), { recursive: true });
            }
            for (const other of others) writeFileSync(join(folder, "model", other), "old");
            for (const out of ["model", "new"]) {
                await expect(writeModelFiles(join(folder, out), files)).rejects.toThrow(
                    /EISDIR|ENOTSUP|EPERM/,
                );
            }
            for (const other of others)
                expect(readFileSync(join(folder, "model", other), "utf8")).toBe("old");
            expect(readdirSync(join(folder, "model")).sort()).toEqual([name, ...others].sort());
            expect(readdirSync(join(folder, "new"))).toEqual([name]);
            expect(readdirSync(folder).sort()).toEqual(["discs", "model", "new"]);
        },
    );
});
