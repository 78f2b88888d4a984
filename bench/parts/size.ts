import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packImage } from "../../local/providers/imagePackage";
import { atMost } from "../goals";
import { markdownTable, type PartResult } from "../part";
import { figureOf } from "../statistics";

const CLASSIFIER = join(__dirname, "..", "..", "classifier");
const CONTENTS = ["packages", "compiled service", "model"];

/**
 * What the image holds beside its base, as layers are counted: the bytes of their archives, not compressed. The service
 * is packed as it is installed here, for this machine's platform.
 */
export async function size(): Promise<PartResult> {
    const cache = mkdtempSync(join(tmpdir(), "edge-classifier-size-"));
    try {
        const dockerfile = join(CLASSIFIER, "Dockerfile");
        const { layers } = await packImage({ context: CLASSIFIER, dockerfile, args: {}, cache });
        const rows = layers.map(({ size: bytes }, index) => ({ content: CONTENTS[index] ?? "more", bytes }));
        const megabytes = rows.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
        const most = process.arch === "x64" ? 80 : 60;
        const goal = `content of the image without its base, ${process.arch}, MB`;
        return {
            rows,
            goals: [atMost("P9", goal, most, figureOf([megabytes]))],
            table: markdownTable([
                ["content of the image", `MB, ${process.platform} ${process.arch}`],
                ...rows.map(({ content, bytes }) => [content, (bytes / 1e6).toFixed(1)]),
                ["**all**", megabytes.toFixed(1)],
            ]),
        };
    } finally {
        rmSync(cache, { recursive: true, force: true });
    }
}
