import { diffPatch, type JsonObject } from "../../base/mergePatch";
import type { Collection } from "../../base/store";
import { HubError } from "../../planes/hub/errors";
import type { MessageDraft } from "../../planes/hub/messages";
import type { MethodHandler, ModuleLink, ModuleTwin } from "../../planes/hub/moduleLinks";
import type { HubLink } from "../hubLink";

/** A module that is connected to its edgeHub: what it holds, and what edgeHub gives it. */
export interface ModuleClient {
    readonly link: ModuleLink;
    /** To be called when the hub can be reached for this module, again or for the first time. */
    upstreamOpened(upstream: ModuleLink): void;
    /** Says whether the module listens. */
    input(input: string, message: MessageDraft): boolean;
    cut(reason: string): void;
}

/**
 * The connection of a module to edgeHub. Twin and methods are those of the hub, reached by `upstream`; while that is
 * away, the twin is the one that was seen last.
 */
export function moduleClient(options: {
    moduleId: string;
    upstream: HubLink;
    twins: Collection<ModuleTwin>;
    send(message: MessageDraft): void;
    /** The module listens to inputs from now on. */
    onListening(): void;
    onClosed(): void;
}): ModuleClient {
    const { moduleId, upstream, twins } = options;
    const desiredListeners = new Set<(patch: JsonObject, version: number) => void>();
    const inputListeners = new Set<(input: string, message: MessageDraft) => void>();
    const closedListeners = new Set<(reason: string) => void>();
    let methods: MethodHandler | undefined;
    let stopMethods = () => {};
    let ended: string | undefined;

    function checkOpen(): void {
        if (ended !== undefined) throw new Error(`The connection of ${moduleId} is closed: ${ended}.`);
    }

    function listen<T>(listeners: Set<T>, listener: T): () => void {
        checkOpen();
        listeners.add(listener);
        return () => listeners.delete(listener);
    }

    function end(reason: string): boolean {
        if (ended !== undefined) return false;
        ended = reason;
        stopMethods();
        desiredListeners.clear();
        inputListeners.clear();
        options.onClosed();
        return true;
    }

    function away(): never {
        throw new HubError("ServerError", `The hub is away, and ${moduleId} has no twin on this device yet`);
    }

    const link: ModuleLink = {
        twin() {
            checkOpen();
            const twin = upstream.open()?.twin();
            if (twin) twins.put(moduleId, twin);
            return twin ?? twins.get(moduleId) ?? away();
        },
        onDesired: (listener) => listen(desiredListeners, listener),
        report(patch) {
            checkOpen();
            return upstream.open()?.report(patch) ?? away();
        },
        send(message) {
            checkOpen();
            options.send(message);
        },
        onMethod(handler) {
            checkOpen();
            methods = handler;
            stopMethods = upstream.open()?.onMethod(handler) ?? (() => {});
            return () => {
                if (methods !== handler) return;
                methods = undefined;
                stopMethods();
            };
        },
        onInput(listener) {
            const stop = listen(inputListeners, listener);
            options.onListening();
            return stop;
        },
        onClosed: (listener) => listen(closedListeners, listener),
        close: () => void end("it was closed by its own side"),
    };
    return {
        link,
        upstreamOpened(opened) {
            const seen = twins.get(moduleId);
            const twin = opened.twin();
            twins.put(moduleId, twin);
            const tell = (patch: JsonObject, version: number) => {
                for (const listener of [...desiredListeners]) listener(patch, version);
            };
            // What changed while the hub was away.
            if (seen && seen.desiredVersion !== twin.desiredVersion)
                tell(diffPatch(seen.desired, twin.desired), twin.desiredVersion);
            opened.onDesired((patch, version) => {
                twins.put(moduleId, opened.twin());
                tell(patch, version);
            });
            if (methods) stopMethods = opened.onMethod(methods);
        },
        input(input, message) {
            for (const listener of [...inputListeners]) listener(input, message);
            return inputListeners.size > 0;
        },
        cut(reason) {
            if (end(reason)) for (const listener of [...closedListeners]) listener(reason);
        },
    };
}
