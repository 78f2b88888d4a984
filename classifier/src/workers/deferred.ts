/** A promise that is settled from outside; `Promise.withResolvers`, which Node 20 does not have. */
export interface Deferred<T> {
    promise: Promise<T>;
    resolve(value: T): void;
    reject(error: unknown): void;
}

export function defer<T>(): Deferred<T> {
    let settle: Omit<Deferred<T>, "promise"> | undefined;
    const promise = new Promise<T>((resolve, reject) => {
        settle = { resolve, reject };
    });
    return { promise, ...(settle as Omit<Deferred<T>, "promise"> & object) };
}
