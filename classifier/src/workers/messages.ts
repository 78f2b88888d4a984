import { RequestError } from "../errors";

/** What the main thread asks of a worker. */
export interface Assignment {
    id: number;
    task: string;
    input: unknown;
    /** The part of the input that was handed over and not copied; it goes back with the report. */
    memory: readonly ArrayBuffer[];
}

/** What a worker says: that it is ready, that it cannot work, or how an assignment went. */
export type Report =
    | { kind: "ready"; description: unknown }
    | { kind: "unfit"; message: string }
    | { kind: "done"; id: number; output: unknown; memory: ArrayBuffer[] }
    | { kind: "failed"; id: number; error: PlainError; memory: ArrayBuffer[] };

/** An error as it passes between threads: a structured clone would lose what tells a caller's mistake from ours. */
export interface PlainError {
    message: string;
    stack?: string;
    status?: number;
    code?: string;
}

export function toPlainError(error: unknown): PlainError {
    if (!(error instanceof Error)) {
        return { message: String(error) };
    }
    const { message, stack } = error;
    return error instanceof RequestError
        ? { message, status: error.status, code: error.code }
        : { message, stack };
}

export function fromPlainError({ message, stack, status, code }: PlainError): Error {
    if (status !== undefined && code !== undefined) {
        return new RequestError(status, code, message);
    }
    const error = new Error(message);
    error.stack = stack ?? error.stack;
    return error;
}
