import { z } from "zod";
import { diffPatch, isJsonObject, type Json, type JsonObject, mergePatch } from "../../../base/mergePatch";
import { parseBody } from "../body";
import { HubError } from "../errors";
import { checkIfMatch, twinEtag } from "../etag";
import { type HubData, identityKey, type TwinChange, type TwinRecord, type TwinSection } from "../hubData";
import { never } from "../identities/identity";
import { checkTwinSection } from "./twinLimits";

/** A change of desired properties, for whoever is connected as that identity; removed keys are null in `patch`. */
export interface DesiredChange {
    key: string;
    patch: JsonObject;
    version: number;
}

/** Gives a new identity its empty twin. */
export function createTwin(data: HubData, deviceId: string, moduleId?: string): void {
    const empty = (): TwinSection => ({ values: {}, metadata: { $lastUpdated: never }, version: 1 });
    data.twins.put(identityKey(deviceId, moduleId), {
        tags: {},
        desired: empty(),
        reported: empty(),
        version: 1,
    });
    noteChange(data, identityKey(deviceId, moduleId), "created");
}

/** The twin of an identity; a missing module is a missing device here, as it is in the service. */
export function getTwin(data: HubData, deviceId: string, moduleId?: string): TwinRecord {
    const key = identityKey(deviceId, moduleId);
    const twin = data.twins.get(key);
    if (!twin) throw new HubError("DeviceNotFound", key);
    return twin;
}

// What the service computes may come back in an update, since clients change a twin they read; it is passed over.
const twinBody = z.looseObject({
    tags: z.record(z.string(), z.json()).nullish(),
    properties: z.looseObject({ desired: z.record(z.string(), z.json()).nullish() }).nullish(),
});

/**
 * Merges (PATCH) or replaces (PUT) tags and desired properties, all or nothing. Without If-Match every version is taken.
 * Returns the change of desired properties, when they were part of the request.
 */
export function updateTwin(
    data: HubData,
    request: { deviceId: string; moduleId?: string; body: unknown; ifMatch?: string; replace: boolean },
): DesiredChange | undefined {
    const { deviceId, moduleId, ifMatch, replace } = request;
    const twin = getTwin(data, deviceId, moduleId);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, twinEtag(twin.version));
    const body = parseBody(twinBody, request.body);
    const tags = body.tags ?? (replace ? {} : undefined);
    const desired = body.properties?.desired ?? (replace ? {} : undefined);
    const updated: TwinRecord = { ...twin, version: twin.version + (tags || desired ? 1 : 0) };
    if (tags) {
        updated.tags = replace ? tags : mergePatch(twin.tags, tags);
        checkTwinSection("tags", updated.tags);
        noteChange(data, identityKey(deviceId, moduleId), "tags");
    }
    if (desired) updated.desired = changedDesired(twin.desired, withoutComputed(desired), replace);
    const key = identityKey(deviceId, moduleId);
    data.twins.put(key, updated);
    return desired && { key, ...pushOf(twin.desired, updated.desired) };
}

/** Replaces the desired properties of a twin, as a deployment manifest does. */
export function replaceDesired(data: HubData, key: string, desired: JsonObject): DesiredChange {
    const twin = data.twins.get(key);
    if (!twin) throw new HubError("DeviceNotFound", key);
    const updated = changedDesired(twin.desired, desired, true);
    data.twins.put(key, { ...twin, desired: updated, version: twin.version + 1 });
    return { key, ...pushOf(twin.desired, updated) };
}

/** Merges `patch` into the desired properties of a twin, as an automatic configuration of devices or modules does. */
export function mergeDesired(data: HubData, key: string, patch: JsonObject): DesiredChange {
    const twin = data.twins.get(key);
    if (!twin) throw new HubError("DeviceNotFound", key);
    const updated = changedDesired(twin.desired, patch, false);
    data.twins.put(key, { ...twin, desired: updated, version: twin.version + 1 });
    return { key, patch, version: updated.version };
}

/** Merges what a device or module reports and returns the new version; null removes a key. */
export function reportProperties(data: HubData, key: string, patch: JsonObject): number {
    const twin = data.twins.get(key);
    if (!twin) throw new HubError("DeviceNotFound", key);
    const reported = changedSection(twin.reported, patch, { replace: false, stampVersion: false });
    checkTwinSection("reported", reported.values);
    data.twins.put(key, { ...twin, reported });
    noteChange(data, key, "reported");
    return reported.version;
}

function noteChange({ changes }: HubData, key: string, change: TwinChange): void {
    changes.set(key, (changes.get(key) ?? new Set()).add(change));
}

function changedDesired(section: TwinSection, change: JsonObject, replace: boolean): TwinSection {
    const changed = changedSection(section, change, { replace, stampVersion: true });
    checkTwinSection("desired", changed.values);
    return changed;
}

function changedSection(
    section: TwinSection,
    change: JsonObject,
    { replace, stampVersion }: { replace: boolean; stampVersion: boolean },
): TwinSection {
    const version = section.version + 1;
    // Only desired properties carry the version in which each was last written.
    const stamp: JsonObject = {
        $lastUpdated: new Date().toISOString(),
        ...(stampVersion ? { $lastUpdatedVersion: version } : {}),
    };
    return {
        values: replace ? change : mergePatch(section.values, change),
        metadata: stamped(replace ? {} : section.metadata, change, stamp),
        version,
    };
}

/** The metadata after `change`: every key that it names, and what is above it, gets the stamp. */
function stamped(metadata: JsonObject, change: JsonObject, stamp: JsonObject): JsonObject {
    const result = new Map<string, Json>(Object.entries({ ...metadata, ...stamp }));
    for (const [key, value] of Object.entries(change)) {
        const below = result.get(key);
        if (value === null) result.delete(key);
        else if (isJsonObject(value))
            result.set(key, stamped(isJsonObject(below) ? below : {}, value, stamp));
        else result.set(key, { ...stamp });
    }
    return Object.fromEntries(result);
}

/** A replacement is pushed as a patch, too: the keys that are gone come as null. */
function pushOf(before: TwinSection, after: TwinSection): { patch: JsonObject; version: number } {
    return { patch: diffPatch(before.values, after.values), version: after.version };
}

function withoutComputed(desired: JsonObject): JsonObject {
    const { $version: _version, $metadata: _metadata, ...own } = desired;
    return own;
}
