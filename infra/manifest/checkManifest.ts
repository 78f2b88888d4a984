import * as pulumi from "@pulumi/pulumi";
import type { PlannedManifestOptions } from "./manifestOptions";
import { placeholderManifest } from "./placeholderManifest";
import { validateManifest } from "./validateManifest";

/** Refuses a manifest that hub, edgeAgent, edgeHub or Docker would refuse, before anything exists; all reasons at once. */
export function checkManifest(options: PlannedManifestOptions<unknown>): void {
    const problems = validateManifest(placeholderManifest(options));
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}
