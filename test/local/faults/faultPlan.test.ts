import { faultPlan } from "../../../local/faults/faultPlan";
import { parseFaults } from "../../../local/faults/faultSettings";
import { configuredFaults, type GivenFaults } from "../../../local/faults/faults";
import { type Fault, underFaults } from "../../../local/faults/underFaults";

const decisions = (text: string, plane: "hub" | "dps" | "registry" = "hub", count = 2000) => {
    const plan = faultPlan(parseFaults(text));
    return Array.from({ length: count }, () => plan.next(plane));
};

describe("the settings of faults", () => {
    test("leave out what they do not name", () => {
        expect(parseFaults("hub=0.2,provider=Microsoft.Devices/IotHubs,seed=7")).toEqual({
            hub: 0.2,
            dps: 0,
            registry: 0,
            slow: 0,
            arm: 0,
            provider: "Microsoft.Devices/IotHubs",
            unfriendly: false,
            hurry: 1,
            seed: 7,
        });
        expect(parseFaults("none")).toMatchObject({ hub: 0, dps: 0, registry: 0, provider: 0 });
    });

    test("have ARM refuse calls in the unfriendly mode, unless they say how many", () => {
        expect(parseFaults("unfriendly=1,hurry=30")).toMatchObject({
            unfriendly: true,
            hurry: 30,
            arm: 0.05,
        });
        expect(parseFaults("unfriendly=1,arm=0")).toMatchObject({ unfriendly: true, hurry: 1, arm: 0 });
        expect(parseFaults("arm=0.2,unfriendly=0")).toMatchObject({ unfriendly: false, arm: 0.2 });
    });

    test.each([
        ["unfriendly=yes", /unfriendly: expected 0 or 1/],
        ["hurry=0", /hurry: expected a whole number from 1 to 9999/],
        ["hurry=1.5", /hurry: expected a whole number/],
        ["arm=2", /arm: expected a share from 0 to 1/],
        ["hub=2", /found "hub=2": hub: expected a share from 0 to 1/],
        ["hub", /found "hub": hub:/],
        ["hub=0.1,hub=0.2", /hub is set twice/],
        ["vault=0.1", /vault/],
        ["provider=Microsoft.Devices/Nothing", /expected a share or one of .*Microsoft.Devices\/IotHubs/],
        ["seed=x", /seed: expected a whole number/],
        ["seed=1234567890", /seed: expected a whole number/],
        ["seed=-1", /seed: expected a whole number/],
        ["dps=1.5", /dps: expected a share from 0 to 1/],
        ["registry=-0.1", /registry: expected a share from 0 to 1/],
        ["slow=.5", /slow: expected a share from 0 to 1/],
        ["hub=0.1=2", /found "hub=0.1=2": hub:/],
        ["", /Expected --faults to be none, or settings such as hub=0\.2/],
    ])("are refused as %p", (text, sentence) => {
        expect(() => parseFaults(text)).toThrow(sentence);
    });
});

describe("a plan of faults", () => {
    test("decides alike for equal seeds, and otherwise for others", () => {
        expect(decisions("hub=0.2,seed=7")).toEqual(decisions("hub=0.2,seed=7"));
        expect(decisions("hub=0.2,seed=7")).not.toEqual(decisions("hub=0.2,seed=8"));
    });

    test("gives each plane a sequence that the others do not shift", () => {
        const plan = faultPlan(parseFaults("hub=0.2,dps=0.2,seed=7"));
        const mixed = Array.from({ length: 2000 }, () => {
            plan.next("dps");
            return plan.next("hub");
        });
        expect(mixed).toEqual(decisions("hub=0.2,seed=7"));
        expect(decisions("dps=0.2,seed=7", "dps")).not.toEqual(mixed);
    });

    test("fails the share that was asked for, in every way, and delays some of the rest", () => {
        const found = decisions("hub=0.2,slow=0.1");
        const of = (fault: string) => found.filter((each) => each === fault).length;
        const failed = found.filter((each) => each && each !== "slow").length;
        expect(failed / found.length).toBeCloseTo(0.2, 1);
        for (const fault of ["throttled", "unavailable", "cut before", "cut after", "slow"])
            expect(of(fault)).toBeGreaterThan(50);
        expect(decisions("hub=0.2", "registry")).not.toContain("throttled");
    });

    test("leaves the very first call to chance, too", () => {
        const first = Array.from(
            { length: 500 },
            (_, seed) => decisions(`hub=0.2,seed=${seed}`, "hub", 1)[0],
        );
        expect(first.filter(Boolean).length / first.length).toBeCloseTo(0.2, 1);
    });

    test("delays nothing on a plane that nothing else befalls", () => {
        expect(decisions("hub=0.2,slow=1", "dps").filter(Boolean)).toEqual([]);
        expect(decisions("hub=1", "hub", 100)).not.toContain(undefined);
        expect(decisions("hub=1,slow=1", "hub", 100)).not.toContain("slow");
    });

    test("does not shift what it decides where a share is another", () => {
        const few = decisions("hub=0.1,seed=3");
        const many = decisions("hub=0.5,seed=3");
        for (const [index, fault] of few.entries()) if (fault) expect(many[index]).toBe(fault);
    });

    test("fails a share of the changes of resources, of whatever type", () => {
        const plan = faultPlan(parseFaults("provider=0.5,seed=7"));
        const fails = Array.from({ length: 1000 }, (_, index) => plan.failsChange(`type ${index}`));
        expect(fails.filter(Boolean).length / fails.length).toBeCloseTo(0.5, 1);
        const none = faultPlan(parseFaults("hub=1"));
        expect(none.failsChange("Microsoft.Devices/IotHubs")).toBe(false);
    });

    test("fails the next change of a resource of a type once", () => {
        const plan = faultPlan(parseFaults("provider=Microsoft.Devices/IotHubs"));
        const types = ["Microsoft.Resources/resourceGroups", "microsoft.devices/iothubs"];
        expect([...types, ...types].map(plan.failsChange)).toEqual([false, true, false, false]);
    });
});

describe("ARM", () => {
    const throttles = (text: string, count = 2000) => {
        const plan = faultPlan(parseFaults(text));
        return Array.from({ length: count }, () => plan.throttlesArm());
    };

    test("refuses the share of calls that was asked for, half of them with the seconds to wait", () => {
        const found = throttles("arm=0.2,seed=7");
        expect(found).toEqual(throttles("arm=0.2,seed=7"));
        expect(found).not.toEqual(throttles("arm=0.2,seed=8"));
        const refused = found.flatMap((throttle) => throttle ?? []);
        expect(refused.length / found.length).toBeCloseTo(0.2, 1);
        const seconds = refused.flatMap(({ retryAfterS }) => retryAfterS ?? []);
        expect(seconds.length / refused.length).toBeCloseTo(0.5, 1);
        expect([Math.min(...seconds), Math.max(...seconds)]).toEqual([1, 15]);
        expect(throttles("hub=1").filter(Boolean)).toEqual([]);
        const hurried = throttles("arm=0.2,hurry=5").flatMap((throttle) => throttle?.retryAfterS ?? []);
        expect([Math.min(...hurried), Math.max(...hurried)]).toEqual([1, 3]);
    });

    test("takes its time where it is unfriendly, as the settings say at that moment, and none otherwise", () => {
        let given: GivenFaults | undefined;
        const lines: string[] = [];
        const faults = configuredFaults(
            () => given,
            (line) => lines.push(line),
        );
        const hub = () => faults.operationMs("creating", "Microsoft.Devices/IotHubs");
        expect([hub(), faults.delayMs("any other change"), faults.throttlesArm("GET /s")]).toEqual([
            0,
            0,
            undefined,
        ]);
        given = { plan: "arm=1", given: "first" };
        expect([hub(), faults.throttlesArm("GET /s")]).toEqual([0, expect.anything()]);
        expect(lines).toEqual(["fault of ARM, throttled: GET /s"]);
        given = { plan: "unfriendly=1", given: "second" };
        const first = [hub(), hub(), faults.delayMs("any other change")];
        for (const ms of first) expect(ms).toBeGreaterThanOrEqual(3000);
        expect(first[0]).not.toBe(first[1]);
        given = { plan: "unfriendly=1", given: "third" };
        expect([hub(), hub(), faults.delayMs("any other change")]).toEqual(first);
    });
});

test("the faults of a running local Azure follow the settings, begin anew when they are given again, and are logged", () => {
    let given: GivenFaults | undefined;
    const lines: string[] = [];
    const next = configuredFaults(
        () => given,
        (line) => lines.push(line),
    ).of("hub");
    const several = () => Array.from({ length: 30 }, () => next("GET /devices/d"));
    expect(several()).not.toContain("throttled");
    given = { plan: "hub=0.5", given: "first" };
    const first = several();
    expect(several()).not.toEqual(first);
    given = { plan: "hub=0.5", given: "second" };
    expect(several()).toEqual(first);
    expect(lines).toContain("fault of the hub, throttled: GET /devices/d");
    given = undefined;
    expect(several().filter(Boolean)).toEqual([]);
});

test("a change of a resource fails as the settings say, and is logged by its id", () => {
    let given: GivenFaults | undefined;
    const lines: string[] = [];
    const faults = configuredFaults(
        () => given,
        (line) => lines.push(line),
    );
    expect(faults.failsChange("Microsoft.Devices/IotHubs", "/id")).toBe(false);
    given = { plan: "provider=Microsoft.Devices/IotHubs", given: "now" };
    expect(faults.failsChange("Microsoft.Devices/IotHubs", "/id")).toBe(true);
    expect(faults.failsChange("Microsoft.Devices/IotHubs", "/id")).toBe(false);
    expect(lines).toEqual(["fault of the provider: /id"]);
});

describe("a call that something befalls", () => {
    const request = { method: "GET", url: "/a?b=c", socket: { destroy: jest.fn() } };
    const response = { socket: { destroy: jest.fn() }, end: jest.fn(), write: jest.fn() };
    const refuse = jest.fn();
    const listener = jest.fn();
    const befall = (fault: Fault | undefined) => {
        for (const mock of [request.socket.destroy, response.socket.destroy, response.end, refuse, listener])
            mock.mockClear();
        const asked: string[] = [];
        const next = (call: string) => {
            asked.push(call);
            return fault;
        };
        underFaults(next, refuse, listener)(request as never, { ...response } as never);
        expect(asked).toEqual(["GET /a?b=c"]);
    };

    test.each(["throttled", "unavailable"] as const)("is refused where it is %s, and not done", (fault) => {
        befall(fault);
        expect(refuse).toHaveBeenCalledWith(fault, expect.anything());
        expect(listener).not.toHaveBeenCalled();
    });

    test("is cut before the work, or after it with nothing of the answer gone out", () => {
        befall("cut before");
        expect([request.socket.destroy.mock.calls.length, listener.mock.calls.length]).toEqual([1, 0]);
        befall("cut after");
        const [, unheard] = listener.mock.calls[0] ?? [];
        unheard.write("a");
        unheard.flushHeaders();
        expect(response.socket.destroy).not.toHaveBeenCalled();
        unheard.end("b");
        expect(response.socket.destroy).toHaveBeenCalledTimes(1);
        expect([response.end.mock.calls.length, response.write.mock.calls.length]).toEqual([0, 0]);
    });

    test("comes a second late where it is slow, and at once where nothing befalls it", () => {
        jest.useFakeTimers();
        try {
            befall("slow");
            jest.advanceTimersByTime(999);
            expect(listener).not.toHaveBeenCalled();
            jest.advanceTimersByTime(1);
            expect(listener).toHaveBeenCalledTimes(1);
            befall(undefined);
            expect(listener).toHaveBeenCalledTimes(1);
        } finally {
            jest.useRealTimers();
        }
        expect(underFaults(undefined, refuse, listener)).toBe(listener);
    });
});
