import type { Readable } from "node:stream";
import type { Request } from "./request";

/** One service over HTTP: its routes, and how it says no. */
export interface HttpService {
    /** Says in the log whose fault it was. */
    readonly name: string;
    readonly routes: readonly Route[];
    /** Whether paths in another letter case are other paths; Azure's own services do not mind the case. */
    readonly caseSensitive?: boolean;
    /** The most bytes of a body, unless a route allows more. */
    readonly bodyLimit: number;
    readonly refusals: Refusals;
    /** Headers of every answer. */
    headers?(): Record<string, string>;
    /** Looks at a request before its route is searched for; throws what refuses it. */
    admit?(request: Request): void | Promise<void>;
}

/** Answers one kind of request. */
export interface Route {
    readonly method: string;
    /** Written as path-to-regexp reads it: `/devices/:deviceId`, `/v2/*repository/tags/list`. */
    readonly path: string;
    handle(request: Request): Answer | Promise<Answer>;
}

/** What is answered: a document, a text, a stream, or nothing but the status. */
export interface Answer {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string | number | undefined>>;
    readonly json?: unknown;
    readonly body?: string | Readable;
}

/** An error that a service answers in its own form. */
export abstract class Refusal extends Error {
    abstract answer(): Answer;
}

/** The refusals that every service has, in its own words. */
export interface Refusals {
    noRoute(method: string, path: string): Refusal;
    /** The path is not percent-encoded as it should be. */
    badAddress(path: string): Refusal;
    tooLarge(limit: number): Refusal;
    notJson(reason: string): Refusal;
    /** An error of this program, which is logged with its place. */
    internal(message: string): Refusal;
    /** More calls than the service takes, and a service that is down; asked for by a plan of faults. */
    throttled(): Refusal;
    unavailable(): Refusal;
}
