import { type Watched, watch } from "../../classifier/src/watchdog";

type Counts = ReturnType<Watched["state"]>;

/**
 * Watches until it ends, or until all that is written down for it has happened: a count of answers for each look, and how
 * the self-checks go that follow from them.
 */
async function watched({ checks, counts = [] }: { checks: ("passes" | "fails")[]; counts?: Counts[] }) {
    const logs: Record<string, unknown>[] = [];
    const stop = new AbortController();
    const outcomes = checks.values();
    const looks = counts.values();
    let state: Counts = { answered: 0, failed: 0 };
    /** How much was answered at each self-check. */
    const answeredAt: number[] = [];
    const ended = watch({
        selfCheck: async () => {
            answeredAt.push(state.answered);
            const { value, done } = outcomes.next();
            if (done) {
                stop.abort();
            } else if (value === "fails") {
                throw new Error(`no answer (${answeredAt.length})`);
            }
        },
        state: () => {
            state = looks.next().value ?? state;
            return state;
        },
        intervalMs: 1,
        signal: stop.signal,
        log: (entry) => logs.push(entry),
    });
    const error = await ended.then(
        () => undefined,
        (cause: Error) => cause,
    );
    return { error, asked: answeredAt.length, answeredAt, logs };
}

describe("the watchdog", () => {
    test("ends the service at the third failure in a row, with its cause, and warns of each", async () => {
        const { error, asked, logs } = await watched({ checks: ["passes", "fails", "fails", "fails"] });
        expect(error).toMatchObject({
            name: "BrokenService",
            message: "Expected the self-check to pass, it failed 3 times: no answer (4)",
        });
        expect(asked).toBe(4);
        expect(logs).toEqual(
            [1, 2, 3].map((failures) => ({
                level: "warn",
                event: "self-check failed",
                failures,
                message: `no answer (${failures + 1})`,
            })),
        );
    });

    test("counts from the start again after a check that passes", async () => {
        const twice = ["fails", "fails", "passes"] as const;
        const { error, asked } = await watched({ checks: [...twice, ...twice, ...twice] });
        expect([error, asked]).toEqual([undefined, 10]);
    });

    test("counts from the start again after requests were answered, and checks nothing meanwhile", async () => {
        // Two counts for each look, that at it and that after it; the first is that of the beginning.
        const counts = [0, 0, 0, 0, 0, 5, 5, 5].map((answered) => ({ answered, failed: 0 }));
        const { error, asked, logs } = await watched({
            checks: ["fails", "fails", "fails", "fails"],
            counts,
        });
        expect([error, asked]).toEqual([undefined, 5]);
        expect(logs.map(({ failures }) => failures)).toEqual([1, 2, 1, 2]);
    });

    test.each<[string, Counts]>([
        ["nothing was answered", { answered: 7, failed: 2 }],
        ["something failed among what was answered", { answered: 9, failed: 3 }],
    ])("checks if %s since its last look", async (_name, now) => {
        // What comes later would do without a check.
        const later = { ...now, answered: now.answered + 1 };
        const counts = [{ answered: 7, failed: 2 }, now, now, later, later];
        expect((await watched({ checks: ["passes"], counts })).answeredAt[0]).toBe(now.answered);
    });

    test("ends without an error when it is told to, also before its first look", async () => {
        const selfCheck = jest.fn();
        const watching = watch({
            selfCheck,
            state: () => ({ answered: 0, failed: 0 }),
            intervalMs: 3_600_000,
            signal: AbortSignal.abort(),
            log: () => {},
        });
        await expect(watching).resolves.toBeUndefined();
        expect(selfCheck).not.toHaveBeenCalled();
    });
});
