import { faultPlan } from "../../../local/faults/faultPlan";
import { parseFaults } from "../../../local/faults/faultSettings";
import { configuredFaults, type GivenFaults } from "../../../local/faults/faults";

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
            provider: "Microsoft.Devices/IotHubs",
            seed: 7,
        });
        expect(parseFaults("none")).toMatchObject({ hub: 0, dps: 0, registry: 0, provider: 0 });
    });

    test.each([
        ["hub=2", /found "hub=2": hub: expected a share from 0 to 1/],
        ["hub", /found "hub": hub:/],
        ["hub=0.1,hub=0.2", /hub is set twice/],
        ["vault=0.1", /vault/],
        ["provider=Microsoft.Devices/Nothing", /expected a share or one of .*Microsoft.Devices\/IotHubs/],
        ["seed=x", /seed: expected a whole number/],
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

    test("fails the next change of a resource of a type once", () => {
        const plan = faultPlan(parseFaults("provider=Microsoft.Devices/IotHubs"));
        const types = ["Microsoft.Resources/resourceGroups", "microsoft.devices/iothubs"];
        expect([...types, ...types].map(plan.failsChange)).toEqual([false, true, false, false]);
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
});
