import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";
import { endWithSentence } from "../setup/output";

endWithSentence(process);

const IMAGE = join(__dirname, "..", "classifier/src/image");
/** A line of the project has at most 110 characters; the rest is for the indentation and the quotes. */
const LINE_LENGTH = 100;

/** Assembles `classifier/src/image/resize.wat`: the text of `resizeModule.ts`, which a test compares with the file. */
export async function resizeModule(): Promise<string> {
    const { parseWat } = await wabt();
    const parsed = parseWat("resize.wat", readFileSync(join(IMAGE, "resize.wat"), "utf8"), { simd: true });
    const { buffer } = parsed.toBinary({});
    parsed.destroy();
    const base64 = Buffer.from(buffer).toString("base64");
    const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
    return [
        "/** `resize.wat`, assembled by `npm run wasm`; not edited by hand. */",
        "export const RESIZE_MODULE =",
        `${lines.map((line) => `    "${line}"`).join(" +\n")};`,
        "",
    ].join("\n");
}

if (require.main === module) {
    void resizeModule().then((text) => writeFileSync(join(IMAGE, "resizeModule.ts"), text));
}
