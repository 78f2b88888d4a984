import { createOptionsProblems } from "./container/createOptionsProblems";
import { type BoundPort, boundPorts, collide } from "./container/portProblems";
import { readBody } from "./container/readBody";
import { imageProblem } from "./imageProblem";
import { joinedCreateOptions } from "./joinedCreateOptions";
import { isLayered, layeredParts } from "./layeredDeployment";
import { type ManifestParts, type ModulePart, wholeParts } from "./manifestParts";
import { placeholderProblems } from "./placeholderProblems";
import { routeProblems } from "./routeProblems";
import { shapeProblems } from "./shapeProblems";
import { twinProblems } from "./twinProblems";
import { upstreamProblems } from "./upstreamProblems";
import { versionProblems } from "./versionProblems";

/**
 * All that is wrong with a deployment manifest, a sentence each; none for one that the hub, edgeAgent, edgeHub and
 * Docker take. Holds it, whole or layered, against its shape and against the rules that no schema knows. Pure, so that a
 * preview can ask before anything exists: leaves that are not known yet come as placeholders of their form.
 */
export function validateManifest(manifest: unknown): string[] {
    const left = placeholderProblems(manifest);
    if (left.length > 0) return [...new Set(left)];
    const { parts, problems } = manifestParts(manifest);
    // The further rules read parts that a manifest of the wrong shape may lack.
    if (!parts) return [...new Set(problems)];
    return [
        ...problems,
        ...parts.modules.flatMap(settingsProblems),
        ...collisions(parts.modules),
        ...upstreamProblems(parts),
        ...routeProblems(parts),
        ...sectionProblems(parts),
    ];
}

/** The same for a manifest that one device is to have: the hub puts layers only over automatic deployments. */
export function wholeManifestProblems(manifest: unknown): string[] {
    return isLayered(manifest)
        ? [
              "Expected the manifest to be whole, with properties.desired of $edgeAgent and $edgeHub, found a layered deployment. The hub lays it over an automatic deployment only: make it with az iot edge deployment create --layered.",
          ]
        : validateManifest(manifest);
}

/** A manifest taken apart, if its shape is right, and what is wrong with that. */
export function manifestParts(manifest: unknown): { parts?: ManifestParts; problems: string[] } {
    if (isLayered(manifest)) return layeredParts(manifest);
    const { shaped, problems } = shapeProblems(manifest);
    return shaped ? { parts: wholeParts(shaped), problems: versionProblems(shaped) } : { problems };
}

function settingsProblems({ name, settings }: ModulePart): string[] {
    const image =
        typeof settings.image === "string" ? imageProblem(settings.image, `the image of ${name}`) : undefined;
    const { options, problems } = joinedCreateOptions(settings, name);
    return [
        ...(image === undefined ? [] : [image]),
        ...problems,
        ...createOptionsProblems(options, `createOptions of ${name}`),
    ];
}

function collisions(modules: readonly ModulePart[]): string[] {
    const owners: { bound: BoundPort; name: string }[] = [];
    const problems: string[] = [];
    for (const { name, settings } of modules) {
        const { body } = readBody(joinedCreateOptions(settings, name).options, name);
        for (const bound of boundPorts(body)) {
            const owner = owners.find((other) => collide(other.bound, bound));
            if (owner !== undefined)
                problems.push(
                    `Expected port ${bound.port}/${bound.protocol} of the device to be bound once, found it in ${owner.name} and ${name}. The second would not start: give it another.`,
                );
            owners.push({ bound, name });
        }
    }
    return problems;
}

function sectionProblems({ sections, names }: ManifestParts): string[] {
    const strangers = sections.flatMap(({ moduleId }) =>
        moduleId.startsWith("$edge") || names === undefined || names.includes(moduleId) ? [] : [moduleId],
    );
    return [
        ...[...new Set(strangers)].map(
            (moduleId) =>
                `Expected desired properties only for modules of the manifest (${names?.join(", ") || "it has none"}), found them for ${moduleId}.`,
        ),
        ...sections.flatMap(({ desired, place }) => twinProblems(desired, place)),
    ];
}
