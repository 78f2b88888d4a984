import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../mergePatch";
import { checkId, parseBody } from "./body";
import { getDevice } from "./devices";
import { HubError } from "./errors";
import { type HubData, identityKey } from "./hubData";
import { createModule, removeModule } from "./modules";
import { type DesiredChange, getTwin, replaceDesired } from "./twins";

const content = z.strictObject({
    modulesContent: z.record(z.string(), z.record(z.string(), z.json())),
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
function wantedModules(desiredOf: Map<string, JsonObject>): Set<string> {
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

function changeModules(data: HubData, deviceId: string, wanted: Set<string>): void {
    const present = data.modules.entries(`${deviceId}/`).map(([, module]) => module);
    for (const module of present) {
        const isOurs = module.managedBy === "iotEdge" && !module.moduleId.startsWith("$");
        if (isOurs && !wanted.has(module.moduleId)) removeModule(data, module);
    }
    const names = new Set(present.map((module) => module.moduleId));
    for (const moduleId of wanted) if (!names.has(moduleId)) createModule(data, deviceId, moduleId);
}

function currentDesired(data: HubData, deviceId: string, moduleId: string): JsonObject {
    const exists = data.modules.get(identityKey(deviceId, moduleId)) !== undefined;
    return exists ? getTwin(data, deviceId, moduleId).desired.values : {};
}

/** The desired properties that `sections` make of `current`. */
function desiredFrom(moduleId: string, sections: Record<string, Json>, current: JsonObject): JsonObject {
    let desired = current;
    const whole = sections["properties.desired"];
    if (whole !== undefined) {
        if (!isJsonObject(whole)) throw invalid(`properties.desired of ${moduleId} is not an object`);
        desired = whole;
    }
    for (const [key, value] of Object.entries(sections)) {
        if (key === "properties.desired") continue;
        const path = key.startsWith("properties.desired.")
            ? key.slice("properties.desired.".length).split(".")
            : [];
        if (path.length === 0 || path.includes("")) {
            throw invalid(`the key '${key}' of ${moduleId} does not begin with properties.desired`);
        }
        desired = withValueAt(desired, path, value);
    }
    return desired;
}

function withValueAt(target: JsonObject, path: string[], value: Json): JsonObject {
    const [key = "", ...rest] = path;
    const below = Object.hasOwn(target, key) ? target[key] : undefined;
    const placed = rest.length === 0 ? value : withValueAt(isJsonObject(below) ? below : {}, rest, value);
    return { ...target, [key]: placed };
}

function invalid(message: string): HubError {
    return new HubError("InvalidConfigurationContent", `BadRequest: ${message}`);
}
