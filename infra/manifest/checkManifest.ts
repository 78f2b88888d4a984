import * as pulumi from "@pulumi/pulumi";
import { manifestCautions } from "./manifestCautions";
import type { PlannedManifestOptions } from "./manifestOptions";
import { placeholderManifest } from "./placeholderManifest";
import { validateManifest } from "./validateManifest";

/**
 * Refuses a manifest that hub, edgeAgent, edgeHub or Docker would refuse, or that they take although it is seldom meant,
 * before anything exists; all reasons at once.
 */
export function checkManifest(options: PlannedManifestOptions<unknown>): void {
    const manifest = placeholderManifest(options);
    const problems = [...validateManifest(manifest), ...manifestCautions(manifest)];
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}
