import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packImage } from "../../local/providers/imagePackage";
import { atMost } from "../goals";
import { markdownTable } from "../markdownTable";
import type { PartResult } from "../part";
import { figureOf } from "../statistics";

const CLASSIFIER = join(__dirname, "..", "..", "classifier");
const { prune } = require(join(CLASSIFIER, "prune.js")) as {
    prune(folder: string, machine: { platform: string; arch: string }): number;
};
const MOST_MEGABYTES = { x64: 80, arm64: 60 };
const CONTENTS = ["packages", "compiled service", "model"];

/**
 * What the image holds beside its base, as layers are counted: the bytes of their archives, not compressed. The service
 * is packed as it is installed here, for this machine's platform. For the other one its packages are installed and pruned, and
 * their files counted without the archive around them.
 */
export async function size(): Promise<PartResult> {
    const cache = mkdtempSync(join(tmpdir(), "edge-classifier-size-"));
    try {
        const dockerfile = join(CLASSIFIER, "Dockerfile");
        const { layers } = await packImage({ context: CLASSIFIER, dockerfile, args: {}, cache });
        const rows = layers.map(({ size: bytes }, index) => ({ content: CONTENTS[index] ?? "more", bytes }));
        const all = rows.reduce((sum, { bytes }) => sum + bytes, 0);
        const packages = rows[0]?.bytes ?? Number.NaN;
        const other = process.arch === "x64" ? "arm64" : "x64";
        const othersPackages = packagesFor(other, cache);
        const bytesOn = { [process.arch]: all, [other]: all - packages + othersPackages };
        return {
            rows: [...rows, { content: `packages, ${other}`, bytes: othersPackages }],
            goals: Object.entries(MOST_MEGABYTES).map(([arch, most]) => {
                const megabytes = figureOf([(bytesOn[arch] ?? Number.NaN) / 1e6]);
                return atMost("P9", `content of the image without its base, ${arch}, MB`, most, megabytes);
            }),
            table: markdownTable([
                ["content of the image", `MB, ${process.platform} ${process.arch}`],
                ...rows.map(({ content, bytes }) => [content, (bytes / 1e6).toFixed(1)]),
                ["**all**", (all / 1e6).toFixed(1)],
                [`**all**, ${other}`, ((bytesOn[other] ?? Number.NaN) / 1e6).toFixed(1)],
            ]),
        };
    } finally {
        rmSync(cache, { recursive: true, force: true });
    }
}

/** Bytes of what is run of the service's packages on Linux of another architecture. */
function packagesFor(arch: string, folder: string): number {
    for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
        copyFileSync(join(CLASSIFIER, file), join(folder, file));
    }
    const install = [
        "ci",
        "--omit=dev",
        "--ignore-scripts",
        "--no-audit",
        "--os=linux",
        `--cpu=${arch}`,
        "--libc=glibc",
    ];
    execFileSync("npm", install, { cwd: folder, stdio: "ignore" });
    return prune(join(folder, "node_modules"), { platform: "linux", arch });
}
