import type { JsonObject } from "../mergePatch";
import { HubError } from "./errors";
import { type HubData, identityKey } from "./hubData";
import { covers, isSignedBy, parseSas } from "./sas";
import { type DesiredChange, reportProperties } from "./twins";

/** The properties of a twin as its own device or module sees them. */
export interface ModuleTwin {
    desired: JsonObject;
    desiredVersion: number;
    reported: JsonObject;
    reportedVersion: number;
}

/**
 * An open connection of one module to its hub: what a transport (MQTT is to be one) carries. Every call but `close`
 * throws once it is closed.
 */
export interface ModuleLink {
    twin(): ModuleTwin;
    /** Calls `listener` with each merge patch of the desired properties and their new version; returns how to stop it. */
    onDesired(listener: (patch: JsonObject, version: number) => void): () => void;
    /** Merges `patch` into the reported properties (null removes a key) and returns their new version. */
    report(patch: JsonObject): number;
    /** Calls `listener` when the hub cuts the connection, not after the module's own `close`. */
    onClosed(listener: (reason: string) => void): () => void;
    close(): void;
}

interface OpenLink {
    push(change: DesiredChange): void;
    cut(reason: string): void;
}

/** The connections that are open now; after a restart of the hub there are none, whatever the store says of times. */
export interface ModuleLinks {
    open(request: { deviceId: string; moduleId: string; sas: string }): ModuleLink;
    isOpen(key: string): boolean;
    push(change: DesiredChange): void;
    /** Cuts the link of this identity, or of this device's every module. */
    cut(key: string, reason: string): void;
    cutDevice(deviceId: string, reason: string): void;
    cutAll(reason: string): void;
}

export function moduleLinks(data: HubData, hostName: string): ModuleLinks {
    const links = new Map<string, OpenLink>();
    const cut = (key: string, reason: string) => links.get(key)?.cut(reason);
    return {
        open({ deviceId, moduleId, sas }) {
            checkModuleSas(data, hostName, { deviceId, moduleId, sas });
            const key = identityKey(deviceId, moduleId);
            // As in the service, a second connection of one identity ends the first.
            cut(key, "the same module connected again");
            const { link, openLink } = newLink(data, key, () => {
                if (links.get(key) === openLink) links.delete(key);
                noteActivity(data, key);
            });
            links.set(key, openLink);
            noteActivity(data, key);
            return link;
        },
        isOpen: (key) => links.has(key),
        push: (change) => links.get(change.key)?.push(change),
        cut,
        cutDevice(deviceId, reason) {
            for (const key of [...links.keys()]) if (key.startsWith(`${deviceId}/`)) cut(key, reason);
        },
        cutAll(reason) {
            for (const key of [...links.keys()]) cut(key, reason);
        },
    };
}

function newLink(data: HubData, key: string, onEnd: () => void): { link: ModuleLink; openLink: OpenLink } {
    const desiredListeners = new Set<(patch: JsonObject, version: number) => void>();
    const closedListeners = new Set<(reason: string) => void>();
    let ended: string | undefined;

    function end(reason: string): void {
        if (ended !== undefined) return;
        ended = reason;
        desiredListeners.clear();
        onEnd();
    }

    function checkOpen(): void {
        if (ended !== undefined) throw new Error(`The link of ${key} is closed: ${ended}.`);
    }

    const link: ModuleLink = {
        twin() {
            checkOpen();
            const twin = data.twins.get(key);
            if (!twin) throw new HubError("DeviceNotFound", key);
            const { desired, reported } = twin;
            return {
                desired: desired.values,
                desiredVersion: desired.version,
                reported: reported.values,
                reportedVersion: reported.version,
            };
        },
        onDesired(listener) {
            checkOpen();
            desiredListeners.add(listener);
            return () => desiredListeners.delete(listener);
        },
        report(patch) {
            checkOpen();
            return data.transaction(() => {
                noteActivity(data, key);
                return reportProperties(data, key, patch);
            });
        },
        onClosed(listener) {
            checkOpen();
            closedListeners.add(listener);
            return () => closedListeners.delete(listener);
        },
        close: () => end("it was closed by the module"),
    };
    const openLink: OpenLink = {
        push({ patch, version }) {
            for (const listener of [...desiredListeners]) listener(patch, version);
        },
        cut(reason) {
            end(reason);
            for (const listener of [...closedListeners]) listener(reason);
        },
    };
    return { link, openLink };
}

/** A module connects with a token of its own key for its own address, or of its device's key for the device's. */
function checkModuleSas(
    data: HubData,
    hostName: string,
    { deviceId, moduleId, sas }: { deviceId: string; moduleId: string; sas: string },
): void {
    const device = data.devices.get(deviceId);
    const module = data.modules.get(identityKey(deviceId, moduleId));
    const token = parseSas(sas);
    const devicePath = `/devices/${deviceId}`;
    const modulePath = `${devicePath}/modules/${moduleId}`;
    // A device signs for itself, never for the whole hub.
    const isOfDevice = token !== undefined && !covers(token.resource, hostName, "/devices");
    const keys = [
        ...(isOfDevice && covers(token.resource, hostName, devicePath) ? keysOf(device) : []),
        ...(isOfDevice && covers(token.resource, hostName, modulePath) ? keysOf(module) : []),
    ];
    if (
        device?.status !== "enabled" ||
        !module ||
        !token ||
        token.policy !== undefined ||
        !isSignedBy(token, keys)
    ) {
        throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
    }
}

function keysOf(
    identity: { authentication: { symmetricKey?: { primaryKey: string; secondaryKey: string } } } | undefined,
) {
    return Object.values(identity?.authentication.symmetricKey ?? {});
}

function noteActivity(data: HubData, key: string): void {
    const module = data.modules.get(key);
    if (!module) return;
    const now = new Date().toISOString();
    data.modules.put(key, { ...module, lastActivityTime: now, connectionStateUpdatedTime: now });
}
