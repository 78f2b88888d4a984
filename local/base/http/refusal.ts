import type { Readable } from "node:stream";

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

/** What a service says of an error: its own refusals as they are; any other is a fault of ours, and logged with its place. */
export function asRefusal(
    { name, refusals }: { readonly name: string; readonly refusals: Refusals },
    error: unknown,
): Refusal {
    if (error instanceof Refusal) return error;
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return refusals.internal(error instanceof Error ? error.message : String(error));
}
