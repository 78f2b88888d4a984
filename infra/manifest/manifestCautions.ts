import { createOptionsCautions } from "./container/createOptionsProblems";
import { joinedCreateOptions } from "./joinedCreateOptions";
import { upstreamCautions } from "./upstreamProblems";
import { manifestParts } from "./validateManifest";

/**
 * What a device takes and does, but what is seldom meant or advised against, a sentence each. The program keeps its own
 * manifests free of it; a manifest of somebody else is told of it. None where the manifest's shape is wrong.
 */
export function manifestCautions(manifest: unknown): string[] {
    const { parts } = manifestParts(manifest);
    if (!parts) return [];
    return [
        ...parts.modules.flatMap(({ name, settings, isSystem }) =>
            createOptionsCautions(
                joinedCreateOptions(settings, name).options,
                `createOptions of ${name}`,
                isSystem,
            ),
        ),
        ...upstreamCautions(parts),
    ];
}
