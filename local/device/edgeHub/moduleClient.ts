import { listeners } from "../../base/listeners";
import type { JsonObject } from "../../base/mergePatch";
import type { Collection } from "../../base/store";
import type { MessageDraft } from "../../planes/hub/links/messages";
import type { MethodHandler, ModuleLink, ModuleTwin } from "../../planes/hub/links/moduleLinks";
import type { HubLink } from "../hubLink";
import { seenTwin } from "./seenTwin";

/** A module that is connected to its edgeHub, as edgeHub sees it. */
export interface ModuleClient {
    /** What the module itself holds. */
    readonly link: ModuleLink;
    /** Is to be called when the hub can be reached for this module, again or for the first time. */
    upstreamOpened(upstream: ModuleLink): void;
    /** Gives the module a message for one of its inputs; says whether the module listens. */
    input(input: string, message: MessageDraft): boolean;
    cut(reason: string): void;
}

export interface ModuleClientOptions {
    moduleId: string;
    /** The connection to the hub for this module, which twin and methods go through. */
    upstream: HubLink;
    twins: Collection<ModuleTwin>;
    send(message: MessageDraft): void;
    /** Is called when the module begins to listen to its inputs. */
    onListening(): void;
    onClosed(): void;
}

/** Connects a module to edgeHub. */
export function moduleClient(options: ModuleClientOptions): ModuleClient {
    const { moduleId, upstream } = options;
    const twin = seenTwin(moduleId, upstream, options.twins);
    const desired = listeners<[patch: JsonObject, version: number]>();
    const inputs = listeners<[input: string, message: MessageDraft]>();
    const closed = listeners<[reason: string]>();
    let methods: MethodHandler | undefined;
    let stopMethods = () => {};
    let ended: string | undefined;

    /** The same function, which throws once the connection has ended. */
    function whileOpen<Args extends unknown[], Result>(work: (...args: Args) => Result) {
        return (...args: Args): Result => {
            if (ended === undefined) return work(...args);
            throw new Error(`The connection of ${moduleId} is closed: ${ended}.`);
        };
    }

    function end(reason: string): boolean {
        if (ended !== undefined) return false;
        ended = reason;
        stopMethods();
        desired.clear();
        inputs.clear();
        options.onClosed();
        return true;
    }

    function handle(handler: MethodHandler): () => void {
        methods = handler;
        stopMethods = upstream.open()?.onMethod(handler) ?? (() => {});
        return () => {
            if (methods !== handler) return;
            methods = undefined;
            stopMethods();
        };
    }

    return {
        link: {
            twin: whileOpen(twin.read),
            onDesired: whileOpen(desired.add),
            report: whileOpen(twin.report),
            send: whileOpen(options.send),
            onMethod: whileOpen(handle),
            onInput: whileOpen((listener) => {
                const stop = inputs.add(listener);
                options.onListening();
                return stop;
            }),
            onClosed: whileOpen(closed.add),
            close: () => void end("it was closed by its own side"),
        },
        upstreamOpened(opened) {
            twin.follow(opened, desired.tell);
            if (methods) stopMethods = opened.onMethod(methods);
        },
        input: inputs.tell,
        cut(reason) {
            if (end(reason)) closed.tell(reason);
        },
    };
}
