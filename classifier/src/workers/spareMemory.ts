/** At most so much is kept for later; the rest is left to the garbage collector. */
const MOST_SPARE_BYTES = 32 * 1024 * 1024;
/** Sizes are multiples of this, so that one body's memory fits the next. */
const GRAIN_BYTES = 64 * 1024;

/**
 * Memory for the bodies of requests, which goes to a worker with a job, comes back with the answer and is used again. V8
 * counts all that is allocated and collects the garbage of the whole heap after each 64 MB of it, in every thread that had
 * it; for images of 12 megapixels that took a fifth of the processor's time.
 */
export interface SpareMemory {
    /** So many bytes, in memory that is nobody else's; what they hold is arbitrary. */
    take(bytes: number): Buffer;
    /** The memory of a view, if it can be handed over: it was taken here, or the view is all that there is in it. */
    ownMemory(view: Uint8Array): ArrayBuffer[];
    /** Keeps what was taken here, or came back from a worker, or drops it where there is enough. Nobody may use it any more. */
    giveBack(memory: ArrayBuffer | Uint8Array): void;
}

export function createSpareMemory(): SpareMemory {
    const spare: ArrayBuffer[] = [];
    const taken = new WeakSet<ArrayBuffer>();
    let spareBytes = 0;

    /** The smallest that is large enough. */
    function fitting(bytes: number): ArrayBuffer | undefined {
        let best = -1;
        spare.forEach(({ byteLength }, index) => {
            if (byteLength >= bytes && byteLength < (spare[best]?.byteLength ?? Number.POSITIVE_INFINITY)) {
                best = index;
            }
        });
        const [found] = best < 0 ? [] : spare.splice(best, 1);
        spareBytes -= found?.byteLength ?? 0;
        return found;
    }

    function ownMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
        return buffer instanceof ArrayBuffer && (taken.has(buffer) || buffer.byteLength === byteLength)
            ? [buffer]
            : [];
    }

    return {
        take(bytes) {
            const memory =
                fitting(bytes) ??
                (Buffer.allocUnsafeSlow(Math.ceil(bytes / GRAIN_BYTES) * GRAIN_BYTES).buffer as ArrayBuffer);
            taken.add(memory);
            return Buffer.from(memory, 0, bytes);
        },
        ownMemory,
        giveBack(given) {
            const [memory] = given instanceof ArrayBuffer ? [given] : ownMemory(given);
            if (memory && memory.byteLength > 0 && spareBytes + memory.byteLength <= MOST_SPARE_BYTES) {
                spareBytes += memory.byteLength;
                spare.push(memory);
            }
        },
    };
}
