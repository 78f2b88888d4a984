import { readTargetCondition } from "../../../../local/planes/hub/configurations/targetCondition";

test.each([
    ["deviceId = 'd'", { tags: false, reported: false }],
    ["*", { tags: false, reported: false }],
    ["tags.site = 'a'", { tags: true, reported: false }],
    ["tags.from = 'x'", { tags: true, reported: false }],
    ["'a' = tags.site", { tags: true, reported: false }],
    ["deviceId = 'd' AND properties.reported.v > 1", { tags: false, reported: true }],
    ["properties.reported.v > 1 OR deviceId = 'd'", { tags: false, reported: true }],
    ["NOT is_defined(tags.site)", { tags: true, reported: false }],
    [
        "tags.site IN ['a', 'b'] AND (deviceId = 'd' OR NOT (properties.reported.v = 1))",
        { tags: true, reported: true },
    ],
])("the condition %s of a configuration tells by what of a twin it decides", (text, reads) => {
    expect(readTargetCondition(text, "device")?.reads).toEqual(reads);
});

test.each([
    "connectionState = 'Connected'",
    "'Connected' = connectionState",
    "tags.a = 1 AND properties.desired.v = 1",
    "properties.desired.v = 1 OR tags.a = 1",
    "NOT (tags.a = 1 OR is_defined(properties.desired.v))",
    "status IN ['enabled']",
    "moduleId = 'm'",
    "properties.tags.a = 1",
    "capabilities.reported = 1",
])("the condition %s is refused, wherever the place stands that it may not name", (text) => {
    expect(() => readTargetCondition(text, "device")).toThrow(
        /it names .*, and may name deviceId, tags and properties\.reported$/,
    );
});

test("the empty condition targets nobody", () => {
    expect(readTargetCondition(" ", "device")).toBeUndefined();
});

test("a configuration of modules names them in its condition, and not all of them", () => {
    const of = (text: string) => () => readTargetCondition(text, "module");
    expect(of("FROM devices.modules WHERE moduleId = 'm' AND tags.a = 1")()?.reads.tags).toBe(true);
    expect(of(" from devices.modules WHERE properties.reported.v = 1")()?.reads.reported).toBe(true);
    expect(of("FROM devices.modules WHERE connectionState = 'Connected'")).toThrow(
        "it names connectionState",
    );
    expect(of("moduleId = 'm'")).toThrow("begins with FROM devices.modules");
    expect(of("FROM devices WHERE deviceId = 'd'")).toThrow("begins with FROM devices.modules");
    expect(of("FROM devices.modules")).toThrow("modules need a WHERE");
    expect(() => readTargetCondition("FROM devices.modules WHERE tags.a = 1", "device")).toThrow(
        "any other has none",
    );
});
