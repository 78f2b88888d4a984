import { createAdmission } from "../../classifier/src/http/admission";
import { usableWorkers } from "../../classifier/src/workers/usableWorkers";

const BUSY = expect.objectContaining({ status: 503, code: "ServiceUnavailable" });
const EMPTY = { requests: 0, bytes: 0, slowBytes: 0 };
const thrownBy = (action: () => unknown): unknown => {
    try {
        return action();
    } catch (error) {
        return error;
    }
};

/** Something from outside, which comes when the test says so. */
function arrival() {
    let come: (value: string) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const promise = new Promise<string>((resolve, reject) => {
        come = resolve;
        fail = reject;
    });
    return { promise, come, fail };
}

/** Longer than anyone is patient. */
const aWhile = () => jest.advanceTimersByTimeAsync(1000);

describe("admission", () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    test("lets in so many requests, and another for each that leaves", () => {
        const admission = createAdmission({ maxRequests: 2, maxBytes: 1000 });
        const [first] = [admission.enter(1), admission.enter(1)];
        expect(thrownBy(() => admission.enter(1))).toEqual(BUSY);
        first?.leave();
        first?.leave();
        admission.enter(1);
        expect(thrownBy(() => admission.enter(1))).toEqual(BUSY);
    });

    test("lets in so many bytes", () => {
        const admission = createAdmission({ maxRequests: 100, maxBytes: 1000 });
        admission.enter(600);
        expect(thrownBy(() => admission.enter(401))).toEqual(BUSY);
        admission.enter(400);
        expect(admission.state()).toEqual({ requests: 2, bytes: 1000, slowBytes: 0 });
    });

    test("a request that arrives slowly keeps nobody out", async () => {
        const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
        const { promise, come } = arrival();
        const slow = admission.enter(700);
        const waiting = slow.whileWaiting(promise);
        expect(thrownBy(() => admission.enter(1))).toEqual(BUSY);
        await aWhile();
        expect(admission.state()).toEqual({ requests: 0, bytes: 0, slowBytes: 700 });
        admission.enter(1000).leave();
        come("body");
        expect(await waiting).toBe("body");
        expect(admission.state()).toEqual({ requests: 1, bytes: 700, slowBytes: 0 });
        slow.leave();
        expect(admission.state()).toEqual(EMPTY);
    });

    test("and is told to come back if there is no room when it has arrived", async () => {
        const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
        const { promise, come } = arrival();
        const slow = admission.enter(700);
        const waiting = slow.whileWaiting(promise);
        await aWhile();
        const other = admission.enter(1);
        come("body");
        await expect(waiting).rejects.toEqual(BUSY);
        slow.leave();
        other.leave();
        expect(admission.state()).toEqual(EMPTY);
    });

    test("of slow requests there may be so many bytes again, and no more", async () => {
        const admission = createAdmission({ maxRequests: 3, maxBytes: 1000 });
        const { promise, come } = arrival();
        const slow = [admission.enter(400), admission.enter(300), admission.enter(300)];
        const waiting = slow.map((place) => place.whileWaiting(promise));
        await aWhile();
        const late = admission.enter(100);
        const refused = expect(late.whileWaiting(promise)).rejects.toEqual(BUSY);
        await aWhile();
        await refused;
        expect(admission.state()).toEqual({ requests: 0, bytes: 0, slowBytes: 1000 });
        late.leave();
        come("body");
        expect(await Promise.all(waiting)).toEqual(["body", "body", "body"]);
        expect(admission.state()).toEqual({ requests: 3, bytes: 1000, slowBytes: 0 });
        for (const place of slow) {
            place.leave();
        }
        expect(admission.state()).toEqual(EMPTY);
    });

    test("a request that has arrived in time keeps its place however long it is worked on", async () => {
        const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
        const { promise, come } = arrival();
        const place = admission.enter(700);
        const waiting = place.whileWaiting(promise);
        come("body");
        await waiting;
        await aWhile();
        expect(admission.state()).toEqual({ requests: 1, bytes: 700, slowBytes: 0 });
        place.leave();
        expect(admission.state()).toEqual(EMPTY);
    });

    test("a request that waits twice gives up its place and takes it again each time", async () => {
        const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
        const place = admission.enter(700);
        for (const name of ["body", "image"]) {
            const { promise, come } = arrival();
            const waiting = place.whileWaiting(promise);
            expect(admission.state()).toEqual({ requests: 1, bytes: 700, slowBytes: 0 });
            await aWhile();
            expect(admission.state()).toEqual({ requests: 0, bytes: 0, slowBytes: 700 });
            come(name);
            expect(await waiting).toBe(name);
        }
        expect(admission.state()).toEqual({ requests: 1, bytes: 700, slowBytes: 0 });
        place.leave();
        expect(admission.state()).toEqual(EMPTY);
    });

    test("a request that leaves while it is slow to arrive leaves no trace, whatever comes of it", async () => {
        const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
        const { promise } = arrival();
        const place = admission.enter(700);
        void place.whileWaiting(promise);
        await aWhile();
        place.leave();
        place.leave();
        expect(admission.state()).toEqual(EMPTY);
    });

    test.each([0, 1000])(
        "what fails to arrive after %i ms fails as it is, and leaves no trace",
        async (ms) => {
            const admission = createAdmission({ maxRequests: 1, maxBytes: 1000 });
            const { promise, fail } = arrival();
            const place = admission.enter(10);
            const failing = expect(place.whileWaiting(promise)).rejects.toThrow("reset");
            await jest.advanceTimersByTimeAsync(ms);
            fail(new Error("reset"));
            await failing;
            place.leave();
            expect(admission.state()).toEqual(EMPTY);
        },
    );
});

describe("the number of workers", () => {
    const GB = 1024 ** 3;
    test.each([
        ["one per core", { cores: 4, memoryBytes: 8 * GB }, 4],
        ["what a container may use", { cores: 8, cpuMax: "250000 100000", memoryBytes: 8 * GB }, 2],
        ["no less than one", { cores: 8, cpuMax: "50000 100000", memoryBytes: 8 * GB }, 1],
        ["no more than there are cores", { cores: 2, cpuMax: "400000 100000", memoryBytes: 8 * GB }, 2],
        ["all cores without a limit", { cores: 3, cpuMax: "max 100000", memoryBytes: 8 * GB }, 3],
        ["one where memory is short", { cores: 4, memoryBytes: GB / 2 - 1 }, 1],
        ["one per core from 512 MB on", { cores: 4, memoryBytes: GB / 2 }, 4],
    ])("is %s", (_name, machine, workers) => {
        expect(usableWorkers(machine)).toBe(workers);
    });

    test("is one or more on this machine", () => {
        expect(usableWorkers()).toBeGreaterThanOrEqual(1);
    });
});
