import { ArmError } from "../azure/armError";

/** A refusal of a data plane: HTTP status, the service's error code (such as `DeviceNotFound`) and a sentence. */
export class ServiceError extends Error {
    readonly status: number;
    readonly code: string;
    /** How long the service asks to wait before the next attempt, in milliseconds. */
    readonly retryAfterMs: number | undefined;

    constructor(status: number, code: string, message: string, retryAfterMs?: number) {
        super(message);
        this.name = "ServiceError";
        this.status = status;
        this.code = code;
        this.retryAfterMs = retryAfterMs;
    }
}

/** What ARM says of a resource that is not there; a subscription that one does not see is another matter. */
const goneInArm = ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound"];

/** True where a device, an enrollment or a module does not exist, or the whole service does not. */
export function isNotFound(error: unknown): boolean {
    if (error instanceof ArmError) return error.status === 404 && goneInArm.includes(error.code);
    return error instanceof ServiceError && error.status === 404;
}

/** Answers undefined for what does not exist. */
export async function found<T>(asked: Promise<T>): Promise<T | undefined> {
    return asked.catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
    });
}

/** How often a write may find that the version it had read is not the current one. */
const mostConflicts = 4;

/**
 * Does a write that names the version it has read, and does it again on top of the current one where that is another:
 * somebody else's, or our own from an attempt whose answer was lost.
 */
export async function onCurrentVersion<T>(readAndWrite: () => Promise<T>): Promise<T> {
    for (let conflicts = 1; ; conflicts++) {
        try {
            return await readAndWrite();
        } catch (error) {
            const isConflict = error instanceof ServiceError && error.status === 412;
            if (!isConflict || conflicts === mostConflicts) throw error;
        }
    }
}
