import type { Answer, Refusals } from "./refusal";
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
