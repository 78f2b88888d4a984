import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { RequestError } from "../../classifier/src/errors";
import { dropAlpha } from "../../classifier/src/image/colour";
import { decode } from "../../classifier/src/image/decode";
import { preprocess } from "../../classifier/src/preprocess";
import { describeWith, sharedData } from "../support/sharedData";
import { waysToDecode } from "./support/waysToDecode";

/** A small image, and what Pillow 13.0.0 makes of it: see pillow/make.py. */
interface Variant {
    name: string;
    /** In hexadecimal. */
    file: string;
    /** Null where Pillow refuses it. */
    size: [width: number, height: number] | null;
    sha256: string | null;
}

const NET = { width: 12, height: 10 };
const OUTCOMES = ["right", "refused", "refused by both", "wrong"] as const;
type Outcome = (typeof OUTCOMES)[number];

const variants: Variant[] = gunzipSync(readFileSync(join(__dirname, "pillow", "variants.jsonl.gz")))
    .toString()
    .split("\n")
    .map((line) => JSON.parse(line));
const formats = [...new Set(variants.map(formatOf))];

function formatOf({ name }: Variant): string {
    return name.split(" ")[0] as string;
}

/** Of the whole picture and what a network is fed, one after the other. */
async function pixelsOf(bytes: Buffer, size: [number, number] | null, tools?: (typeof waysToDecode)[string]) {
    const [width, height] = size ?? [NET.width, NET.height];
    const whole = await preprocess(bytes, { width, height }, { tools });
    const fed = await preprocess(bytes, NET, { tools });
    return Buffer.concat([whole.data, fed.data]);
}

async function outcomeOf(
    { file, size, sha256 }: Variant,
    tools: (typeof waysToDecode)[string] | undefined,
): Promise<Outcome> {
    try {
        const pixels = await pixelsOf(Buffer.from(file, "hex"), size, tools);
        return createHash("sha256").update(pixels).digest("hex") === sha256 ? "right" : "wrong";
    } catch (error) {
        if (!(error instanceof RequestError) || error.code !== "BadRequestImageFormat") {
            throw error;
        }
        return sha256 ? "refused" : "refused by both";
    }
}

describe("images of every form have the pixels of Pillow 13.0.0, or are refused", () => {
    const table: string[] = [];
    afterAll(() => {
        const head = ["", ...OUTCOMES].map((name) => name.padStart(16)).join("");
        process.stdout.write(`${[head, ...table].join("\n")}\n`);
    });

    test("they are more than 1000", () => {
        expect(new Set(variants.map(({ file }) => file)).size).toBeGreaterThan(1000);
    });

    test.each(formats)("%s", async (format) => {
        const outcomes = new Map<Outcome, string[]>(OUTCOMES.map((outcome) => [outcome, []]));
        for (const variant of variants.filter((one) => formatOf(one) === format)) {
            outcomes.get(await outcomeOf(variant, undefined))?.push(variant.name);
        }
        table.push(
            [format, ...[...outcomes.values()].map(({ length }) => length)]
                .map((cell) => String(cell).padStart(16))
                .join(""),
        );
        expect(outcomes.get("wrong")).toEqual([]);
        const answered = outcomes.get("right")?.length ?? 0;
        // What people have is answered; only the forms that nobody decodes are all refused.
        expect(answered > (outcomes.get("refused")?.length ?? 0)).toBe(format !== "other");
    });

    test.each(Object.keys(waysToDecode))("JPEGs, decoded and resized by %s", async (way) => {
        for (const variant of variants.filter((one) => formatOf(one) === "jpeg")) {
            expect({ name: variant.name, is: await outcomeOf(variant, waysToDecode[way]) }).not.toMatchObject(
                {
                    is: "wrong",
                },
            );
        }
    });

    test("in fast mode the same ones are refused", async () => {
        for (const variant of variants.filter((one) => ["jpeg", "other"].includes(formatOf(one)))) {
            const bytes = Buffer.from(variant.file, "hex");
            const isAnswered = (mode: "exact" | "fast") =>
                preprocess(bytes, NET, { mode }).then(
                    () => true,
                    () => false,
                );
            expect([variant.name, await isAnswered("fast")]).toEqual([
                variant.name,
                await isAnswered("exact"),
            ]);
        }
    });

    test.each([
        ["other JPEG2000", "JPEG 2000"],
        ["other AVIF", "AVIF"],
        ["other TGA", "TGA"],
        ["other ICO", "ICO"],
        ["other PPM", "PPM"],
        ["other DIB", "DIB"],
    ])("%s is called by its name", async (name, format) => {
        const file = variants.find((one) => one.name === name)?.file ?? "";
        await expect(preprocess(Buffer.from(file, "hex"), NET)).rejects.toThrow(
            new RegExp(`^Expected a JPEG, .* pixels, got: ${format}.* Convert it`),
        );
    });

    test("a photograph of an iPhone in HEIC is told how to become a JPEG", async () => {
        const heic = Buffer.from("\0\0\0\x24ftypheic\0\0\0\0mif1heic", "latin1");
        await expect(preprocess(heic, NET)).rejects.toThrow(/got: HEIC.*JPEG/);
    });
});

describeWith("cases/bmp")("a BMP that others failed on", () => {
    const folder = sharedData("cases", "bmp");
    const names = readdirSync(folder).filter((name) => name.endsWith(".bmp"));
    test.each(names)("%s has the pixels of the PNG of the same name", async (name) => {
        const [bmp, png] = [name, name.replace(".bmp", ".png")].map((file) =>
            readFileSync(join(folder, file)),
        );
        const expected = await decode(png as Buffer, 100_000);
        expect(expected.width).toBe(160);
        expect(dropAlpha(await decode(bmp as Buffer, 100_000))).toMatchObject({
            width: expected.width,
            height: expected.height,
            data: new Uint8Array(expected.data),
        });
    });
});
