import { createSpareMemory } from "../../classifier/src/workers/spareMemory";

const MEGABYTE = 1024 * 1024;

describe("spare memory", () => {
    test("gives memory that came back again, the smallest that is large enough", () => {
        const spare = createSpareMemory();
        const large = spare.take(2 * MEGABYTE);
        const small = spare.take(60_000);
        spare.giveBack(large);
        spare.giveBack(small);
        const again = spare.take(50_000);
        expect(again.buffer).toBe(small.buffer);
        expect(again).toHaveLength(50_000);
        expect(spare.take(50_001).buffer).toBe(large.buffer);
    });

    test("never gives the same memory to two", () => {
        const spare = createSpareMemory();
        const first = spare.take(1000);
        expect(spare.take(1000).buffer).not.toBe(first.buffer);
        spare.giveBack(first);
        const second = spare.take(1000);
        expect(second.buffer).toBe(first.buffer);
        expect(spare.take(1000).buffer).not.toBe(second.buffer);
    });

    test("keeps 32 MB at most", () => {
        const spare = createSpareMemory();
        const all = Array.from({ length: 5 }, () => spare.take(8 * MEGABYTE));
        all.forEach(spare.giveBack);
        const again = Array.from({ length: 5 }, () => spare.take(8 * MEGABYTE).buffer);
        expect(again.filter((buffer) => all.some((one) => one.buffer === buffer))).toHaveLength(4);
    });

    test("hands over only memory in which nothing else is", () => {
        const spare = createSpareMemory();
        const taken = spare.take(1000);
        const whole = new Uint8Array(1000);
        expect(spare.ownMemory(taken)).toEqual([taken.buffer]);
        expect(spare.ownMemory(whole)).toEqual([whole.buffer]);
        expect(spare.ownMemory(whole.subarray(10))).toEqual([]);
        // Small buffers share Node's pool with others.
        expect(spare.ownMemory(Buffer.from("an image"))).toEqual([]);
        spare.giveBack(Buffer.from("an image"));
        spare.giveBack(whole.subarray(10));
        expect(spare.take(5).buffer.byteLength).toBe(64 * 1024);
    });
});
