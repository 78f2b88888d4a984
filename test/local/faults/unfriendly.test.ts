import { unfriendlyClock } from "../../../local/faults/unfriendly";

const hub = "Microsoft.Devices/IotHubs";
const dps = "Microsoft.Devices/provisioningServices";
const registry = "Microsoft.ContainerRegistry/registries";
const network = "Microsoft.Network/virtualNetworks";

const times = (armType: string, hurry = 1, change: "creating" | "updating" | "deleting" = "creating") => {
    const clock = unfriendlyClock({ seed: 7, hurry });
    return Array.from({ length: 200 }, () => clock.operationMs(change, armType));
};

test.each([
    [hub, 75_000, 105_000],
    [hub.toLowerCase(), 75_000, 105_000],
    [dps, 30_000, 50_000],
    [registry, 8000, 12_000],
    [network, 3000, 10_000],
])("the creation of %s takes from %d to %d ms, another time each", (armType, atLeast, atMost) => {
    const found = times(armType);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(atLeast);
    expect(Math.max(...found)).toBeLessThanOrEqual(atMost);
    expect(new Set(found).size).toBeGreaterThan(190);
});

test("any other change takes as long as those of networks", () => {
    for (const change of ["updating", "deleting"] as const)
        expect(times(hub, 1, change)).toEqual(times(network));
});

test("the same seed has the same waits, whatever else is waited for, and hurry divides them", () => {
    const clock = unfriendlyClock({ seed: 7, hurry: 1 });
    const mixed = Array.from({ length: 200 }, () => {
        clock.delayMs("any other change");
        return clock.delayMs("making a hub");
    });
    expect(mixed).toEqual(times(hub));
    expect(unfriendlyClock({ seed: 8, hurry: 1 }).delayMs("making a hub")).not.toBe(mixed[0]);
    expect(times(hub, 30)).toEqual(mixed.map((ms) => ms / 30));
});

test("a header names whole seconds, and at least one", () => {
    const { headerSeconds } = unfriendlyClock({ seed: 7, hurry: 10 });
    expect([0.2, 14, 15, 60].map(headerSeconds)).toEqual([1, 1, 2, 6]);
});
