import { sentence } from "../problem";
import { issueProblems } from "./issueProblems";
import { manifestShape, type ShapedManifest } from "./manifestShape";

/** A manifest of the right shape, or one sentence for each place where it is not. */
export function shapeProblems(manifest: unknown): { shaped?: ShapedManifest; problems: string[] } {
    const result = manifestShape.safeParse(manifest);
    if (result.success) return { shaped: result.data, problems: [] };
    const problems = result.error.issues.flatMap((issue) => issueProblems(issue, manifest, placeName));
    return { problems: problems.map(sentence) };
}

/** A place in the manifest as people say it: `$edgeAgent.modules.NAME.status`. */
export function placeName(path: readonly PropertyKey[]): string {
    const names = path.map(String).filter((name, index) => index > 0 || name !== "modulesContent");
    return names.filter((name) => name !== "properties.desired").join(".") || "the manifest";
}
