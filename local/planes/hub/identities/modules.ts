import { z } from "zod";
import { checkId, parseBody } from "../body";
import { HubError } from "../errors";
import { checkDelete, checkWrite } from "../etag";
import { type HubData, identityKey, type ModuleRecord } from "../hubData";
import { createTwin } from "../twins/twins";
import { authenticationFrom } from "./authentication";
import { identityFields, newIdentity } from "./identity";

/** The modules that every edge device has. */
export const systemModules = ["$edgeAgent", "$edgeHub"] as const;

// All properties of the Swagger's Module; those that the hub computes are passed over.
const moduleBody = z.strictObject({
    ...identityFields,
    moduleId: z.string().nullish(),
    managedBy: z.string().nullish(),
});

export function getModule(data: HubData, deviceId: string, moduleId: string): ModuleRecord {
    checkUsable(data, deviceId);
    const module = data.modules.get(identityKey(deviceId, moduleId));
    if (!module) throw new HubError("ModuleNotFound", identityKey(deviceId, moduleId));
    return module;
}

export function listModules(data: HubData, deviceId: string): ModuleRecord[] {
    checkUsable(data, deviceId);
    return data.modules.entries(`${deviceId}/`).map(([, module]) => module);
}

/** Writes a module identity: without If-Match it only creates, with it it only replaces, as for devices. */
export function putModule(
    data: HubData,
    deviceId: string,
    moduleId: string,
    requestBody: unknown,
    ifMatch?: string,
): ModuleRecord {
    checkUsable(data, deviceId);
    checkId("module", moduleId);
    const body = parseBody(moduleBody, requestBody);
    for (const [stated, address] of [
        [body.deviceId, deviceId],
        [body.moduleId, moduleId],
    ]) {
        if (stated != null && stated !== address) {
            throw new HubError("ArgumentInvalid", `The body is of '${stated}', the address of '${address}'`);
        }
    }
    const key = identityKey(deviceId, moduleId);
    const existing = data.modules.get(key);
    checkWrite(ifMatch, existing, { key, exists: "ModuleAlreadyExistsOnDevice", missing: "ModuleNotFound" });
    if (ifMatch === undefined && moduleId.startsWith("$")) {
        throw new HubError(
            "ArgumentInvalid",
            `The module id '${moduleId}' begins with $, which the hub keeps for itself`,
        );
    }
    // The service takes the type none for a module, and makes it sas.
    const authentication = authenticationFrom(
        body.authentication?.type === "none" ? { ...body.authentication, type: "sas" } : body.authentication,
    );
    const identity = existing
        ? { ...existing, revision: existing.revision + 1 }
        : { ...newIdentity(deviceId), moduleId };
    const module: ModuleRecord = { ...identity, authentication, managedBy: body.managedBy || undefined };
    data.modules.put(key, module);
    if (!existing) createTwin(data, deviceId, moduleId);
    return module;
}

/** Deletes a module with its twin; the service demands an If-Match. */
export function deleteModule(data: HubData, deviceId: string, moduleId: string, ifMatch?: string): void {
    const module = getModule(data, deviceId, moduleId);
    checkDelete(ifMatch, module);
    removeModule(data, module);
}

/** Makes a module that the edge runtime owns; it has no keys of its own until the device asks for some. */
export function createModule(data: HubData, deviceId: string, moduleId: string): void {
    data.modules.put(identityKey(deviceId, moduleId), {
        ...newIdentity(deviceId),
        moduleId,
        managedBy: "iotEdge",
        authentication: { type: "none" },
    });
    createTwin(data, deviceId, moduleId);
}

export function removeModule(
    data: HubData,
    { deviceId, moduleId }: { deviceId: string; moduleId: string },
): void {
    data.modules.remove(identityKey(deviceId, moduleId));
    data.twins.remove(identityKey(deviceId, moduleId));
}

/** The service answers 401 for module identities of a device that is missing or disabled, when asked with SAS. */
function checkUsable(data: HubData, deviceId: string): void {
    if (data.devices.get(deviceId)?.status !== "enabled")
        throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}
