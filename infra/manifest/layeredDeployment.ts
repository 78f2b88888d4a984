import { type Problem, sentence } from "../problem";
import { isRecord, kind } from "./container/readBody";
import { issueProblems } from "./issueProblems";
import { layeredShapes } from "./layeredShapes";
import {
    desiredPrefix,
    expressionOf,
    type ManifestParts,
    type ModulePart,
    sectionsOf,
} from "./manifestParts";
import { moduleTwin } from "./manifestShape";
import { placeName } from "./shapeProblems";

/**
 * Whether a manifest is a layered deployment: it sets nothing of $edgeAgent and $edgeHub as a whole, but parts of them,
 * or of the twins of modules, which the hub puts over those of a base deployment.
 */
export function isLayered(manifest: unknown): boolean {
    const content = isRecord(manifest) ? manifest.modulesContent : undefined;
    if (!isRecord(content)) return false;
    const keys = (section: unknown) => (isRecord(section) ? Object.keys(section) : []);
    const runtime = [content.$edgeAgent, content.$edgeHub].flatMap(keys);
    if (runtime.includes("properties.desired")) return false;
    const others = Object.entries(content).filter(([name]) => !name.startsWith("$edge"));
    return (
        runtime.some((key) => key.startsWith(desiredPrefix)) ||
        (runtime.length === 0 &&
            others.some(([, section]) => keys(section).some((key) => key.startsWith("properties.desired"))))
    );
}

/** The parts of a layered deployment, and a sentence for each that is not of the right shape. */
export function layeredParts(manifest: unknown): { parts?: ManifestParts; problems: string[] } {
    const { modulesContent } = manifest as { modulesContent: Record<string, Record<string, unknown>> };
    const problems: Problem[] = [];
    const modules = new Map<string, { settings: Record<string, unknown>; env?: ModulePart["env"] }>();
    const routes: [string, string][] = [];
    for (const [moduleId, sections] of Object.entries(modulesContent)) {
        if (moduleId !== "$edgeAgent" && moduleId !== "$edgeHub") {
            const { error } = moduleTwin.safeParse(sections);
            const nested = { [moduleId]: sections };
            for (const issue of error?.issues ?? [])
                problems.push(
                    ...issueProblems({ ...issue, path: [moduleId, ...issue.path] }, nested, placeName),
                );
            continue;
        }
        if (!isRecord(sections)) {
            problems.push({ expected: `${moduleId} to be an object of sections`, found: kind(sections) });
            continue;
        }
        for (const [key, value] of Object.entries(sections)) {
            const path = key.slice(desiredPrefix.length).split(".");
            const shape = key.startsWith(desiredPrefix) ? shapeOf(moduleId, path) : undefined;
            if (shape === undefined) {
                problems.push(unknownPath(moduleId, key));
                continue;
            }
            const full = [moduleId, ...path];
            const nested = full.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
            const issues = shape.safeParse(value).error?.issues ?? [];
            for (const issue of issues)
                problems.push(
                    ...issueProblems({ ...issue, path: [...full, ...issue.path] }, nested, placeName),
                );
            if (issues.length > 0) continue;
            if (path[0] === "routes") routes.push([path[1] ?? "", expressionOf(value as string)]);
            if (path[0] === "modules") addModule(modules, path, value);
        }
    }
    if (problems.length > 0) return { problems: problems.map(sentence) };
    return {
        parts: {
            modules: [...modules].map(([name, module]) => ({
                name,
                env: undefined,
                isSystem: false,
                ...module,
            })),
            routes,
            names: undefined,
            sections: sectionsOf(modulesContent),
        },
        problems: [],
    };
}

function shapeOf(moduleId: "$edgeAgent" | "$edgeHub", path: readonly string[]) {
    return Object.entries(layeredShapes[moduleId]).find(([pattern]) => {
        const names = pattern.split(".");
        return names.length === path.length && names.every((name, at) => name === "*" || name === path[at]);
    })?.[1];
}

function unknownPath(moduleId: "$edgeAgent" | "$edgeHub", key: string): Problem {
    const known =
        moduleId === "$edgeAgent" ? "properties.desired.modules.NAME" : "properties.desired.routes.NAME";
    return {
        expected: `the sections of ${moduleId} in a layered deployment to be such as ${known}`,
        found: `"${key}"`,
        fix: "Runtime, system modules and all that is set as a whole belong into the base deployment.",
    };
}

function addModule(
    modules: Map<string, { settings: Record<string, unknown>; env?: ModulePart["env"] }>,
    [, name = "", member, setting]: readonly string[],
    value: unknown,
): void {
    const module = modules.get(name) ?? { settings: {} };
    const whole = value as { settings: Record<string, unknown> };
    if (member === undefined) Object.assign(module.settings, whole.settings);
    else if (member === "settings" && setting === undefined) Object.assign(module.settings, value);
    else if (member === "settings" && setting !== undefined) module.settings[setting] = value;
    modules.set(name, module);
}
