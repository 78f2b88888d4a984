import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { toPredictions } from "../../classifier/src/predictions";
import { preprocess } from "../../classifier/src/preprocess";
import { toTensor } from "../../classifier/src/tensor";
import { markdownTable } from "../markdownTable";
import type { PartResult } from "../part";

/** The reference images, which are kept beside the project. */
const DATA = join(__dirname, "..", "..", "..", "shared", "data");

/** One image in one mode, against the reference: the exported container's Pillow and network. */
export interface ParityRow {
    image: string;
    mode: "exact" | "fast";
    identicalPixels: boolean;
    largestDifference: number;
    sameTopLabel: boolean;
}

interface Reference {
    probabilities: Record<string, number>;
    top_label: string;
    reference_sha256: string;
}

/** Compares pixels and probabilities of every variant of JPEG with the reference, in both modes. */
export async function parity(): Promise<PartResult> {
    const file = join(DATA, "parity", "expected.json");
    if (!existsSync(file)) {
        throw new Error(
            `Expected the reference images in ${file}, found none. They are kept beside the project.`,
        );
    }
    const { images } = JSON.parse(readFileSync(file, "utf8")) as { images: Record<string, Reference> };
    const model = await openModel(join(DATA, "custom-vision", "derived-general-compact-224-onnx"));
    const rows: ParityRow[] = [];
    for (const mode of ["exact", "fast"] as const) {
        for (const [image, reference] of Object.entries(images)) {
            const bytes = readFileSync(join(DATA, "parity", "images", image));
            rows.push({ image, mode, ...(await compare(model, bytes, mode, reference)) });
        }
    }
    return { rows, goals: [], table: parityTable(rows) };
}

async function compare(model: Model, bytes: Buffer, mode: ParityRow["mode"], reference: Reference) {
    const pixels = await preprocess(bytes, model.size, { mode });
    const scores = await model.session.run(toTensor(pixels, model.format));
    const predictions = toPredictions(scores, model.labels, model.activation);
    const [top] = predictions.toSorted((one, other) => other.probability - one.probability);
    return {
        identicalPixels:
            createHash("sha256").update(pixels.data).digest("hex") === reference.reference_sha256,
        largestDifference: Math.max(
            ...predictions.map(({ label, probability }) =>
                Math.abs(probability - (reference.probabilities[label] ?? 2)),
            ),
        ),
        sameTopLabel: top?.label === reference.top_label,
    };
}

/** The rows as a table: one line per image, the two modes side by side. */
export function parityTable(rows: readonly ParityRow[]): string {
    const cells = ({ identicalPixels, largestDifference, sameTopLabel }: ParityRow) => [
        identicalPixels ? "identical" : "other",
        largestDifference.toFixed(6),
        sameTopLabel ? "same" : "OTHER",
    ];
    const exact = rows.filter(({ mode }) => mode === "exact");
    const lines = exact.map((row) => {
        const fast = rows.find(({ mode, image }) => mode === "fast" && image === row.image) ?? row;
        return [row.image, ...cells(row), ...cells(fast)];
    });
    const worst = (mode: ParityRow["mode"]) => {
        const chosen = rows.filter((row) => row.mode === mode);
        return [
            `${chosen.filter(({ identicalPixels }) => identicalPixels).length} of ${chosen.length}`,
            Math.max(...chosen.map(({ largestDifference }) => largestDifference)).toFixed(6),
            `${chosen.filter(({ sameTopLabel }) => sameTopLabel).length} of ${chosen.length}`,
        ];
    };
    const ofOneMode = ["pixels", "largest difference", "top label"];
    return markdownTable([
        ["image", ...ofOneMode.map((what) => `exact: ${what}`), ...ofOneMode.map((what) => `fast: ${what}`)],
        ...lines,
        ["**all**", ...worst("exact"), ...worst("fast")],
    ]);
}
