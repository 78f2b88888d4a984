import { serviceBusy } from "../errors";

/** A request that takes longer to arrive gives up its place meanwhile; some ten images are classified in this time. */
const PATIENCE_MS = 250;

/** A request that was let in. */
export interface Place {
    /**
     * Waits for what comes from outside, such as a body. While that is slow the place is free for others, so that
     * slow clients keep nobody out. Rejects if too many are slow, or if there is no room when it has come.
     */
    whileWaiting<T>(arrival: Promise<T>): Promise<T>;
    leave(): void;
}

export interface Admission {
    /** Lets in a request that will hold so many bytes in memory, or throws that the service is busy. */
    enter(bytes: number): Place;
    /** The requests that are inside and their bytes, and the bytes of those that are slow to arrive. */
    state(): AdmissionState;
}

export interface AdmissionState {
    requests: number;
    bytes: number;
    slowBytes: number;
}

/**
 * Decides before anything of a body is read whether there is room for it: for so many requests that are read, wait or
 * are worked on, and for so many bytes. As many bytes again may belong to requests that are slow to arrive.
 */
export function createAdmission(limits: { maxRequests: number; maxBytes: number }): Admission {
    const inside: AdmissionState = { requests: 0, bytes: 0, slowBytes: 0 };

    /** Returns what undoes it. */
    function take(bytes: number): () => void {
        if (inside.requests >= limits.maxRequests || inside.bytes + bytes > limits.maxBytes) {
            throw serviceBusy("there is too much to do already");
        }
        inside.requests++;
        inside.bytes += bytes;
        return () => {
            inside.requests--;
            inside.bytes -= bytes;
        };
    }

    function stepAside(bytes: number): () => void {
        if (inside.slowBytes + bytes > limits.maxBytes) {
            throw serviceBusy("the request arrives slowly, as too many do");
        }
        inside.slowBytes += bytes;
        return () => {
            inside.slowBytes -= bytes;
        };
    }

    function enter(bytes: number): Place {
        let undo = take(bytes);
        const leave = () => {
            undo();
            undo = () => {};
        };
        const whileWaiting = async <T>(arrival: Promise<T>): Promise<T> => {
            let timer: NodeJS.Timeout | undefined;
            let aside = false;
            const refused = new Promise<never>((_, reject) => {
                timer = setTimeout(() => {
                    leave();
                    try {
                        undo = stepAside(bytes);
                        aside = true;
                    } catch (error) {
                        reject(error);
                    }
                }, PATIENCE_MS);
            });
            const arrived = await Promise.race([arrival, refused]).finally(() => clearTimeout(timer));
            if (aside) {
                leave();
                undo = take(bytes);
            }
            return arrived;
        };
        return { whileWaiting, leave };
    }

    return { enter, state: () => ({ ...inside }) };
}
