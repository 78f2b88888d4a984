/** The time a device lives in; tests put their own in its place. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Calls `callback` once `time` has come; returns a function that calls it off. */
    at(time: number, callback: () => void): () => void;
}

/** What it takes to try something again after a failure, with rests that grow. */
export interface Retrying {
    clock: Clock;
    /** Length of the first rest, in milliseconds. */
    coolOffUnit: number;
    log(line: string): void;
}

/** The time of this machine. */
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

/** The first of the times that are there. */
export function earliest(times: (number | undefined)[]): number | undefined {
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
}

/** Returns a function that sets the time at which `ring` is called, in place of an earlier one; undefined sets none. */
export function alarm(clock: Clock, ring: () => void): (time: number | undefined) => void {
    let cancel = () => {};
    return (time) => {
        cancel();
        cancel = time === undefined ? () => {} : clock.at(time, ring);
    };
}
