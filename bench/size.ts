import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packImage } from "../local/providers/imagePackage";

/** What an image holds beside its base, as layers are counted: the bytes of their archives, not compressed. */
export interface SizeRow {
    part: string;
    bytes: number;
}

const parts = ["packages", "compiled service", "model"];

/** Packs the service of the build context as it is installed here, for this machine's platform. */
export async function sizeRows(context: string): Promise<SizeRow[]> {
    const cache = mkdtempSync(join(tmpdir(), "edge-classifier-size-"));
    try {
        const { layers } = await packImage({
            context,
            dockerfile: join(context, "Dockerfile"),
            args: {},
            cache,
        });
        return layers.map(({ size }, index) => ({ part: parts[index] ?? "more", bytes: size }));
    } finally {
        rmSync(cache, { recursive: true, force: true });
    }
}

/** The rows as a table, in MB of 1,000,000 bytes, and their sum. */
export function sizeTable(rows: readonly SizeRow[]): string {
    const sum = rows.reduce((total, { bytes }) => total + bytes, 0);
    return [
        ["content of the image", `MB, ${process.platform} ${process.arch}`],
        ["---", "---"],
        ...rows.map(({ part, bytes }) => [part, (bytes / 1e6).toFixed(1)]),
        ["**all**", (sum / 1e6).toFixed(1)],
    ]
        .map((line) => `| ${line.join(" | ")} |`)
        .join("\n");
}
