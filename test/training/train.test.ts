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
    test("gives the same bytes for the same images and seed, and others for another seed", async () => {
        await writeImages("clean", 0);
        await writeImages("spotted", 25);
        const [one, same, other] = [
            await train("one"),
            await train("same"),
            await train("other", "--seed", "2"),
        ];
        expect(one.exitCode).toBe(0);
        expect(one.network().equals(same.network())).toBe(true);
        expect(one.network().equals(other.network())).toBe(false);
    });

    test("makes a model that the classifier opens and that knows images it has not seen", async () => {
        await writeImages("clean", 0);
        await writeImages("spotted", 25);
        const { path, stdout } = await train("model", "--json");
        expect(JSON.parse(stdout)).toEqual({
            folder: path,
            ...parse(readFileSync(join(path, "model.yaml"), "utf8")),
        });
        expect(readFileSync(join(path, "labels.txt"), "utf8")).toBe("clean\nspotted\n");

        const { training } = JSON.parse(stdout);
        expect(training.bursts).toEqual({ clean: 2, spotted: 2 });
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

    test("leaves the photographs' metadata behind, and does not judge a burst by itself", async () => {
        await writeImages("clean", 0, "00", "03");
        await writeImages("spotted", 25, "00", "10");
        expect(readFileSync(join(images, "clean", "0.png")).includes("2021:06:02")).toBe(true);

        const { path } = await train("model");
        expect(readdirSync(path).sort()).toEqual(["labels.txt", "model.onnx", "model.yaml"]);
        for (const file of readdirSync(path)) {
            const written = readFileSync(join(path, file));
            for (const trace of ["2021:06:02", "Exif", images]) expect(written.includes(trace)).toBe(false);
        }
        const { training } = parse(readFileSync(join(path, "model.yaml"), "utf8"));
        expect(training).toMatchObject({
            bursts: { clean: 1, spotted: 2 },
            heldOutBursts: "not evaluated: a label has one burst only",
        });
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
});
