import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../../../base/mergePatch";
import { checkId, parseBody } from "../body";
import { HubError } from "../errors";
import { type HubData, identityKey, type Sections } from "../hubData";
import { getDevice } from "../identities/devices";
import { createModule, removeModule } from "../identities/modules";
import { type DesiredChange, getTwin, replaceDesired } from "../twins/twins";

export const sections = z.record(z.string(), z.json());

const content = z.strictObject({
    modulesContent: z.record(z.string(), sections),
    // Only automatic configurations carry these; clients send them as null.
    deviceContent: z.null().optional(),
    moduleContent: z.null().optional(),
});

/**
 * Applies a deployment manifest to one edge device, all or nothing: each module that it names gets its desired properties
 * (`properties.desired` replaces them, `properties.desired.<path>` sets one place), and the modules of the device become
 * those that $edgeAgent is told to run. Returns the changes of desired properties.
 */
export function applyConfigurationContent(
    data: HubData,
    deviceId: string,
    requestBody: unknown,
): DesiredChange[] {
    const device = getDevice(data, deviceId);
    if (!device.capabilities.iotEdge) {
        throw new HubError("ArgumentInvalid", `BadRequest: Not an Azure IoT Edge device: ${deviceId}`);
    }
    const { modulesContent } = parseBody(content, requestBody, "InvalidConfigurationContent");
    if (!modulesContent.$edgeAgent) throw invalid("modulesContent holds no $edgeAgent");
    const desiredOf = new Map(
        Object.entries(modulesContent).map(([moduleId, sections]) => [
            moduleId,
            desiredFrom(moduleId, sections, currentDesired(data, deviceId, moduleId)),
        ]),
    );
    changeModules(data, deviceId, wantedModules(desiredOf));
    return [...desiredOf]
        .filter(([moduleId]) => Object.keys(modulesContent[moduleId] ?? {}).length > 0)
        .map(([moduleId, desired]) => replaceDesired(data, identityKey(deviceId, moduleId), desired));
}

/** The modules that the manifest leaves on the device, system modules apart. */
export function wantedModules(desiredOf: Map<string, JsonObject>): Set<string> {
    const ofAgent = desiredOf.get("$edgeAgent")?.modules;
    const named = [...desiredOf.keys(), ...(isJsonObject(ofAgent) ? Object.keys(ofAgent) : [])];
    for (const moduleId of named) {
        checkId("module", moduleId);
        if (moduleId.startsWith("$") && moduleId !== "$edgeAgent" && moduleId !== "$edgeHub") {
            throw invalid(`the module id '${moduleId}' begins with $`);
        }
    }
    return new Set(named.filter((moduleId) => !moduleId.startsWith("$")));
}

/** Makes and deletes identities until the device has the modules that are wanted and those of other owners. */
export function changeModules(data: HubData, deviceId: string, wanted: Set<string>): void {
    const present = data.modules.entries(`${deviceId}/`).map(([, module]) => module);
    for (const module of present) {
        const isOurs = module.managedBy === "iotEdge" && !module.moduleId.startsWith("$");
        if (isOurs && !wanted.has(module.moduleId)) removeModule(data, module);
    }
    const names = new Set(present.map((module) => module.moduleId));
    for (const moduleId of wanted) if (!names.has(moduleId)) createModule(data, deviceId, moduleId);
}

export function currentDesired(data: HubData, deviceId: string, moduleId: string): JsonObject {
    const exists = data.modules.get(identityKey(deviceId, moduleId)) !== undefined;
    return exists ? getTwin(data, deviceId, moduleId).desired.values : {};
}

/** The desired properties that `sections` make of `current`. */
export function desiredFrom(moduleId: string, sections: Sections, current: JsonObject): JsonObject {
    let desired = current;
    const whole = sections["properties.desired"];
    if (whole !== undefined) {
        if (!isJsonObject(whole)) throw invalid(`properties.desired of ${moduleId} is not an object`);
        desired = whole;
    }
    for (const [key, value] of Object.entries(sections)) {
        const path = placeOf(moduleId, key);
        if (path.length > 0) desired = withValueAt(desired, path, value);
    }
    return desired;
}

/** The path below the desired properties that a section names; empty for all of them. */
export function placeOf(moduleId: string, section: string): string[] {
    if (section === "properties.desired") return [];
    const [, below = ""] = /^properties\.desired\.(.*)$/s.exec(section) ?? [];
    const path = below.split(".");
    if (path.includes("")) {
        throw invalid(`the key '${section}' of ${moduleId} does not begin with properties.desired`);
    }
    return path;
}

/** `target` with `value` at `path`; null takes away what is there. */
export function withValueAt(target: JsonObject, path: string[], value: Json): JsonObject {
    const [key = "", ...rest] = path;
    const { [key]: present, ...others } = target;
    if (rest.length === 0) return value === null ? others : { ...target, [key]: value };
    if (value === null && !isJsonObject(present)) return target;
    return { ...target, [key]: withValueAt(isJsonObject(present) ? present : {}, rest, value) };
}

export function invalid(message: string): HubError {
    return new HubError("InvalidConfigurationContent", `BadRequest: ${message}`);
}
