import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { sourcesHash } from "../setup/sourcesHash";

const hubFolder = "infra/hub";

/**
 * Refuses to begin with a model that is not there, or with compiled code that is older than its source: such code would
 * create, change and delete devices by rules that no review has seen. Reports all problems before any resource exists.
 */
export function assertReady(classifierFolder: string): void {
    const problems = [...compiledProblems(), ...modelProblems(join(classifierFolder, "model"))];
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}

function compiledProblems(): string[] {
    const stamp = join(hubFolder, "dist/.sources");
    const found = existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : "nothing";
    if (found === sourcesHash(hubFolder, ["src", "tsconfig.json"])) return [];
    return [
        `Expected ${hubFolder}/dist to be compiled from the present ${hubFolder}/src, found ` +
            `${found === "nothing" ? "nothing compiled" : "an older compilation"}. Compile it with: npm run setup`,
    ];
}

function modelProblems(folder: string): string[] {
    if (existsSync(join(folder, "model.onnx"))) return [];
    return [
        `Expected a model in ${folder}/model.onnx, found no such file. ` +
            "Put model.onnx and labels.txt of an ONNX export there, or train one with: npm run edge -- model train FOLDER",
    ];
}
