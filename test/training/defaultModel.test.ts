import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { classify } from "../../classifier/src/classify";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { probe } from "../../classifier/src/model/probe";
import { readSamples } from "../../classifier/src/model/samples";
import { conditions } from "../../training/conditions";
import type { Score } from "../../training/evaluate";
import { sharp } from "../../training/sharp";
import { project } from "../cli/edge";
import { describeWith, sharedData } from "../support/sharedData";

const folder = join(project, "classifier/model");
const limits = { preprocessing: "exact", maxPixels: 50_000_000 } as const;

let model: Model;
beforeAll(async () => {
    model = await openModel(folder);
});

async function probabilityOf(label: string, file: string): Promise<number> {
    const predictions = await classify(model, readFileSync(file), limits);
    return predictions.find((prediction) => prediction.label === label)?.probability ?? Number.NaN;
}

describe("the default model", () => {
    test("is small, and its labels are the sorted names of the folders", () => {
        expect(statSync(join(folder, "model.onnx")).size).toBeLessThan(2 * 1024 ** 2);
        expect(model.labels).toEqual(["ripe", "unripe"]);
    });

    test("was right on held-out bursts, in other light, pose and quality", () => {
        const { training } = parse(readFileSync(join(folder, "model.yaml"), "utf8"));
        const { heldOutBursts, robustness } = training as { heldOutBursts: Score; robustness: Score[] };
        expect(training).toMatchObject({ images: { ripe: 24, unripe: 29 }, bursts: { ripe: 4, unripe: 3 } });
        expect(heldOutBursts.accuracy).toBeGreaterThanOrEqual(0.95);
        expect(heldOutBursts.wilson95[0]).toBeLessThan(heldOutBursts.accuracy);
        expect(robustness.map(({ condition }) => condition)).toEqual(conditions.map(({ name }) => name));
        for (const { accuracy } of robustness) expect(accuracy).toBeGreaterThanOrEqual(0.85);
    });

    test("has its figures in its card as they are in model.yaml", () => {
        const card = readFileSync(join(project, "docs/default-model.md"), "utf8");
        const { name, version, training } = parse(readFileSync(join(folder, "model.yaml"), "utf8"));
        expect(card).toContain(`\`${name}\` ${version}`);
        const rows: Score[] = [
            { condition: "as photographed", ...training.heldOutBursts },
            ...training.robustness,
        ];
        for (const { condition, correct, of } of rows) {
            expect(card).toContain(`| ${condition} | ${correct} of ${of} |`);
        }
    });

    test("passes the classifier's probe with the samples beside it", async () => {
        const samples = await readSamples(folder, model.size);
        expect(samples.map(({ label }) => label)).toEqual(["ripe", "unripe"]);
        expect(await probe(model, samples)).toMatchObject({ verdict: "good" });
    });
});

describe("the drawn samples", () => {
    const drawn = [
        ["spotted-banana.png", "ripe"],
        ["clean-banana.png", "unripe"],
    ] as const;

    test.each(drawn)("%s is clearly recognised as what it shows", async (file, label) => {
        expect(await probabilityOf(label, join(project, "samples", file))).toBeGreaterThanOrEqual(0.8);
    });

    test.each(drawn)("%s is the same picture at both its places", (file, label) => {
        const places = [join(project, "samples", file), join(folder, "samples", label, file)];
        const [one, other] = places.map((path) => readFileSync(path));
        expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
    });

    test.each(drawn)("%s has no metadata", async (file) => {
        const { exif, icc, xmp, iptc } = await sharp(join(project, "samples", file)).metadata();
        expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined]);
    });
});

describeWith("bananas")("the default model on the photographs it was trained on", () => {
    const bananas = sharedData("bananas");
    test("is right on 50 of the 53 at least", async () => {
        const files = model.labels.flatMap((label) =>
            readdirSync(join(bananas, label)).map((name) => ({ label, file: join(bananas, label, name) })),
        );
        let right = 0;
        for (const { label, file } of files) if ((await probabilityOf(label, file)) > 0.5) right++;
        expect(files).toHaveLength(53);
        expect(right).toBeGreaterThanOrEqual(50);
    });
});
