import { diffPatch, type JsonObject } from "../../../base/mergePatch";
import { HubError } from "../errors";
import {
    type ConfigurationKind,
    type ConfigurationRecord,
    type HubData,
    identityKey,
    type Sections,
} from "../hubData";
import { checkTwinSection } from "../twins/twinLimits";
import { type DesiredChange, mergeDesired, replaceDesired } from "../twins/twins";
import {
    changeModules,
    currentDesired,
    desiredFrom,
    placeOf,
    wantedModules,
    withValueAt,
} from "./configurationContent";

interface Applied {
    /** The ids of the configurations that took effect. */
    applied: Set<string>;
    push: DesiredChange[];
    removed: string[];
}

/**
 * Lays the configurations that target a twin, or an edge device, over it, the highest priority last. What `withdrawn` ones
 * set before and nobody sets now is taken away. Nothing happens, and none is applied, when a twin could not hold the result.
 */
export function applyConfigurations(
    data: HubData,
    { kind, key }: { kind: ConfigurationKind; key: string },
    targeting: ConfigurationRecord[],
    withdrawn: ConfigurationRecord[],
): Applied {
    const ordered = targeting.toSorted(byPriority);
    const layers = kind === "edge" ? deployments(ordered) : ordered;
    const gone = withdrawn.filter(({ id }) => !layers.some((layer) => layer.id === id));
    const none: Applied = { applied: new Set(), push: [], removed: [] };
    // A device that no deployment targets any longer goes on as it is.
    if (kind === "edge" && layers.length === 0) return none;
    try {
        const done = kind === "edge" ? layModules(data, key, layers, gone) : layTwin(data, key, layers, gone);
        return { ...done, applied: new Set(layers.map(({ id }) => id)) };
    } catch (error) {
        if (error instanceof HubError) return none;
        throw error;
    }
}

/** The deployments of a device that count: the base of the highest priority, and the layers above it. */
function deployments(ordered: ConfigurationRecord[]): ConfigurationRecord[] {
    const base = ordered.findLast(isBase);
    if (!base) return [];
    return [base, ...ordered.filter((each) => !isBase(each) && each.priority > base.priority)];
}

/** A deployment with all of $edgeAgent's properties is whole; without them it is a layer. */
function isBase({ content }: ConfigurationRecord): boolean {
    return content.modulesContent?.$edgeAgent?.["properties.desired"] !== undefined;
}

function layTwin(
    data: HubData,
    key: string,
    layers: ConfigurationRecord[],
    gone: ConfigurationRecord[],
): Omit<Applied, "applied"> {
    const [deviceId = "", moduleId] = key.split("/");
    const current = data.twins.get(identityKey(deviceId, moduleId))?.desired.values ?? {};
    const desired = laid(key, layers.map(sectionsOf), gone.map(sectionsOf), current);
    checkTwinSection("desired", desired);
    const patch = diffPatch(current, desired);
    return { push: Object.keys(patch).length > 0 ? [mergeDesired(data, key, patch)] : [], removed: [] };
}

function layModules(
    data: HubData,
    deviceId: string,
    layers: ConfigurationRecord[],
    gone: ConfigurationRecord[],
): Omit<Applied, "applied"> {
    const names = new Set(layers.flatMap(({ content }) => Object.keys(content.modulesContent ?? {})));
    const desiredOf = new Map<string, JsonObject>();
    for (const name of names) {
        const ofModule = (each: ConfigurationRecord) => each.content.modulesContent?.[name] ?? {};
        const current = currentDesired(data, deviceId, name);
        const desired = laid(name, layers.map(ofModule), gone.map(ofModule), current);
        checkTwinSection("desired", desired);
        desiredOf.set(name, desired);
    }
    const wanted = wantedModules(desiredOf);
    const before = data.modules.entries(identityKey(deviceId, "")).map(([key]) => key);
    changeModules(data, deviceId, wanted);
    const changed = [...desiredOf].filter(
        ([name, desired]) => Object.keys(diffPatch(currentDesired(data, deviceId, name), desired)).length > 0,
    );
    return {
        push: changed.map(([name, desired]) => replaceDesired(data, identityKey(deviceId, name), desired)),
        removed: before.filter((key) => !data.modules.get(key)),
    };
}

function laid(name: string, layers: Sections[], gone: Sections[], current: JsonObject): JsonObject {
    const start = gone.reduce((desired, sections) => without(name, sections, desired), current);
    return layers.reduce((desired, sections) => desiredFrom(name, sections, desired), start);
}

/** `desired` without what `sections` set. */
function without(name: string, sections: Sections, desired: JsonObject): JsonObject {
    return Object.entries(sections).reduce((rest, [section, value]) => {
        const path = placeOf(name, section);
        const paths = path.length > 0 ? [path] : Object.keys(value as JsonObject).map((key) => [key]);
        return paths.reduce((left, each) => withValueAt(left, each, null), rest);
    }, desired);
}

function sectionsOf({ content }: ConfigurationRecord): Sections {
    return content.deviceContent ?? content.moduleContent ?? {};
}

/** Orders configurations so that the winner comes last: where two have one priority, the later one wins. */
function byPriority(left: ConfigurationRecord, right: ConfigurationRecord): number {
    return left.priority - right.priority || (left.createdTimeUtc < right.createdTimeUtc ? -1 : 1);
}
