/** The time a device lives in; tests put their own in its place. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Calls `callback` once `time` has come; returns how to call it off. */
    at(time: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
    now: Date.now,
    at(time, callback) {
        const timer = setTimeout(callback, Math.max(0, time - Date.now()));
        return () => clearTimeout(timer);
    },
};

/** Resolves once `milliseconds` have passed on `clock`. */
export function elapse(clock: Clock, milliseconds: number): Promise<void> {
    return new Promise((resolve) => clock.at(clock.now() + milliseconds, resolve));
}
