import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { sourcesHash } from "../setup/sourcesHash";

/** Packages that run compiled. The stamp beside the compiled code is a hash over these sources. */
const compiledPackages = [{ folder: "classifier", sources: ["src", "tsconfig.json", "package-lock.json"] }];

/**
 * Refuses to begin with compiled code that is older than its source: such code would create, change and delete devices
 * by rules that no review has seen.
 */
export function assertCompiled(): void {
    const problems = compiledPackages.flatMap(({ folder, sources }) => {
        const stamp = join(folder, "dist/.sources");
        const found = existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : undefined;
        if (found === sourcesHash(folder, sources)) return [];
        const what = found === undefined ? "nothing compiled" : "an older compilation";
        return [
            `Expected ${folder}/dist to be compiled from the present sources, found ${what}. Compile it with: npm run setup`,
        ];
    });
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}
