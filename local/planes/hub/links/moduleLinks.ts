import type { Json, JsonObject } from "../../../base/mergePatch";
import { HubError } from "../errors";
import { type HubData, identityKey } from "../hubData";
import { type DesiredChange, reportProperties } from "../twins/twins";
import { type ConnectionProof, connectionRights } from "./connectionRights";
import type { MessageDraft } from "./messages";

/** The properties of a twin as its own device or module sees them. */
export interface ModuleTwin {
    desired: JsonObject;
    desiredVersion: number;
    reported: JsonObject;
    reportedVersion: number;
}

/** What a device or module answers to a direct method. */
export interface MethodResult {
    status: number;
    payload: Json;
}

/** `ended` aborts when nobody waits for the answer any longer. */
export type MethodHandler = (name: string, payload: Json, ended: AbortSignal) => Promise<MethodResult>;

/**
 * An open connection of one identity, a module or a device itself, to its hub: what MQTT carries, and what the local
 * device uses directly. Every call but `close` throws once it is closed.
 */
export interface ModuleLink {
    twin(): ModuleTwin;
    /** Calls `listener` with each merge patch of the desired properties and their new version; returns how to stop it. */
    onDesired(listener: (patch: JsonObject, version: number) => void): () => void;
    /** Merges `patch` into the reported properties (null removes a key) and returns their new version. */
    report(patch: JsonObject): number;
    /** Sends a message, which is kept when the call returns. */
    send(message: MessageDraft): void;
    /** Answers direct methods by `handler` from now on, in place of an earlier one; returns how to stop it. */
    onMethod(handler: MethodHandler): () => void;
    /** Calls `listener` with each message that is routed to an input of this module; returns how to stop it. */
    onInput(listener: (input: string, message: MessageDraft) => void): () => void;
    /** Calls `listener` when the hub cuts the connection, not after the module's own `close`. */
    onClosed(listener: (reason: string) => void): () => void;
    close(): void;
}

/** The hub's end of a link. */
interface OpenLink {
    push(change: DesiredChange): void;
    cut(reason: string): void;
    method(): MethodHandler | undefined;
    /** Says whether anybody listens. */
    input(input: string, message: MessageDraft): boolean;
}

/** The connections that are open now; after a restart of the hub there are none, whatever the store says of times. */
export interface ModuleLinks {
    /** Throws `IotHubUnauthorizedAccess` (HubError) when the proof is not one of this identity. */
    open(request: { deviceId: string; moduleId?: string; proof: ConnectionProof }): ModuleLink;
    isOpen(key: string): boolean;
    /** The devices that are connected themselves. */
    countDevices(): number;
    push(change: DesiredChange): void;
    /** The handler of direct methods of this identity, within `wait` milliseconds. */
    methodHandler(key: string, wait: number): Promise<MethodHandler | undefined>;
    input(key: string, input: string, message: MessageDraft): boolean;
    /** Cuts the link of this identity. */
    cut(key: string, reason: string): void;
    /** Cuts the links of a device and of its every module. */
    cutDevice(deviceId: string, reason: string): void;
    cutAll(reason: string): void;
}

export interface LinksOptions {
    hostName: string;
    policies(): Parameters<typeof connectionRights>[1]["policies"];
    /** Keeps what a device or module sends. */
    receive(key: string, message: MessageDraft): void;
    /** Runs `work` in one transaction, together with what follows from it. */
    transact<R>(work: () => R): R;
}

/** Node's timers hold no longer wait; a token that lasts longer outlives every process here. */
const longestTimer = 2 ** 31 - 1;

export function moduleLinks(data: HubData, options: LinksOptions): ModuleLinks {
    const links = new Map<string, OpenLink>();
    const awaited = new Set<() => void>();
    const cut = (key: string, reason: string) => links.get(key)?.cut(reason);
    return {
        open({ deviceId, moduleId, proof }) {
            const { hostName } = options;
            const rights = { hostName, policies: options.policies() };
            const { expiresAt } = connectionRights(data, rights, { deviceId, moduleId, proof });
            const key = identityKey(deviceId, moduleId);
            // As in the service, a second connection of one identity ends the first.
            cut(key, "the same identity connected again");
            const { link, openLink } = newLink(data, key, {
                receive: options.receive,
                transact: options.transact,
                onMethods() {
                    for (const tell of [...awaited]) tell();
                },
                onEnd() {
                    clearTimeout(expiry);
                    if (links.get(key) === openLink) links.delete(key);
                    noteActivity(data, key, true);
                },
            });
            const lasts = expiresAt - Date.now();
            const expiry =
                lasts > longestTimer
                    ? undefined
                    : setTimeout(() => openLink.cut("its token expired"), lasts).unref();
            links.set(key, openLink);
            noteActivity(data, key, true);
            return link;
        },
        isOpen: (key) => links.has(key),
        countDevices: () => [...links.keys()].filter((key) => !key.includes("/")).length,
        push: (change) => links.get(change.key)?.push(change),
        methodHandler(key, wait) {
            const find = () => links.get(key)?.method();
            const found = find();
            if (found || wait <= 0) return Promise.resolve(found);
            return new Promise((resolve) => {
                const end = (handler: MethodHandler | undefined) => {
                    clearTimeout(timer);
                    awaited.delete(look);
                    resolve(handler);
                };
                const look = () => {
                    const handler = find();
                    if (handler) end(handler);
                };
                const timer = setTimeout(() => end(undefined), wait).unref();
                awaited.add(look);
            });
        },
        input: (key, input, message) => links.get(key)?.input(input, message) ?? false,
        cut,
        cutDevice(deviceId, reason) {
            for (const key of [...links.keys()])
                if (key === deviceId || key.startsWith(`${deviceId}/`)) cut(key, reason);
        },
        cutAll(reason) {
            for (const key of [...links.keys()]) cut(key, reason);
        },
    };
}

function newLink(
    data: HubData,
    key: string,
    on: Pick<LinksOptions, "receive" | "transact"> & { onMethods(): void; onEnd(): void },
): { link: ModuleLink; openLink: OpenLink } {
    const desiredListeners = new Set<(patch: JsonObject, version: number) => void>();
    const inputListeners = new Set<(input: string, message: MessageDraft) => void>();
    const closedListeners = new Set<(reason: string) => void>();
    let method: MethodHandler | undefined;
    let ended: string | undefined;

    function end(reason: string): void {
        if (ended !== undefined) return;
        ended = reason;
        desiredListeners.clear();
        inputListeners.clear();
        method = undefined;
        on.onEnd();
    }

    function checkOpen(): void {
        if (ended !== undefined) throw new Error(`The link of ${key} is closed: ${ended}.`);
    }

    function listen<T>(listeners: Set<T>, listener: T): () => void {
        checkOpen();
        listeners.add(listener);
        return () => listeners.delete(listener);
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
        onDesired: (listener) => listen(desiredListeners, listener),
        report(patch) {
            checkOpen();
            return on.transact(() => {
                noteActivity(data, key);
                return reportProperties(data, key, patch);
            });
        },
        send(message) {
            checkOpen();
            data.transaction(() => {
                noteActivity(data, key);
                on.receive(key, message);
            });
        },
        onMethod(handler) {
            checkOpen();
            method = handler;
            on.onMethods();
            return () => {
                if (method === handler) method = undefined;
            };
        },
        onInput: (listener) => listen(inputListeners, listener),
        onClosed: (listener) => listen(closedListeners, listener),
        close: () => end("it was closed by its own side"),
    };
    const openLink: OpenLink = {
        push({ patch, version }) {
            for (const listener of [...desiredListeners]) listener(patch, version);
        },
        cut(reason) {
            if (ended !== undefined) return;
            end(reason);
            for (const listener of [...closedListeners]) listener(reason);
        },
        method: () => method,
        input(input, message) {
            for (const listener of [...inputListeners]) listener(input, message);
            return inputListeners.size > 0;
        },
    };
    return { link, openLink };
}

/** Notes in the identity that it did something just now and, where so, that it came or went. */
function noteActivity(data: HubData, key: string, cameOrWent = false): void {
    const now = new Date().toISOString();
    const times = { lastActivityTime: now, ...(cameOrWent && { connectionStateUpdatedTime: now }) };
    const device = data.devices.get(key);
    if (device) data.devices.put(key, { ...device, ...times });
    const module = data.modules.get(key);
    if (module) data.modules.put(key, { ...module, ...times });
}
