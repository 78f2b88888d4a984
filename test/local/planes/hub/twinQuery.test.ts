import type { JsonObject } from "../../../../local/base/mergePatch";
import { holds } from "../../../../local/planes/hub/query/holds";
import { answerQuery, parseQuery, parseTargetCondition } from "../../../../local/planes/hub/query/twinQuery";

const twins: JsonObject[] = [
    {
        deviceId: "a",
        tags: { site: "x", floor: 1, on: true, "my-key": "m" },
        properties: { desired: { $version: 4 }, reported: { lastDesiredVersion: 4, code: 200 } },
        configurations: { "base-1": { status: "Applied" } },
    },
    {
        deviceId: "b",
        tags: { site: "y", floor: 2 },
        properties: { desired: { $version: 5 }, reported: { lastDesiredVersion: 4 } },
    },
    { deviceId: "c", tags: { site: "it's" }, properties: { desired: {}, reported: {} } },
    { deviceId: "d", tags: {}, properties: { desired: {}, reported: {} } },
];

function selected(condition: string): string {
    const { where } = parseTargetCondition(condition);
    return twins
        .filter((twin) => holds(where, twin) === true)
        .map(({ deviceId }) => deviceId)
        .join("");
}

test.each([
    ["*", "abcd"],
    ["tags.site = 'x'", "a"],
    ['tags.site="y"', "b"],
    ["tags.site = 'it\\'s'", "c"],
    ["'x' = tags.site", "a"],
    ["tags.site != 'x'", "bc"],
    ["tags.site <> 'x'", "bc"],
    ["NOT tags.site = 'x'", "bc"],
    ["deviceId = 'd'", "d"],
    ["tags.floor > 1 OR deviceId = 'd'", "bd"],
    ["tags.floor >= 1 and tags.floor <= 1", "a"],
    ["tags.floor < 1.5", "a"],
    ["tags.floor = '1'", ""],
    ["tags.floor != '1'", ""],
    ["tags.on = true", "a"],
    ["tags.site = 'x' OR tags.site = 'y' AND tags.floor = 1", "a"],
    ["(tags.site = 'x' OR tags.site = 'y') AND tags.floor = 2", "b"],
    ["deviceId IN ['a', 'd']", "ad"],
    ["tags.site NIN ['x']", "bc"],
    ["tags.site NOT IN ['x', 'y']", "c"],
    ["NOT (deviceId IN ['a', 'd'])", "bc"],
    ["IS_DEFINED(tags.floor)", "ab"],
    ["NOT is_defined(tags.floor)", "cd"],
    ["tags.[[my-key]] = 'm'", "a"],
    ["properties.desired.$version = properties.reported.lastDesiredVersion", "a"],
    ["configurations.[[base-1]].status = 'Applied' AND properties.reported.code = 200", "a"],
    ["tags = 1", ""],
    ["FROM devices WHERE deviceId = 'a'", "a"],
])("the target condition %s selects %j", (condition, expected) => {
    expect(selected(condition)).toBe(expected);
});

test.each([
    ["", "one of deviceId"],
    ["tags.site", "a comparison or IN, found the end"],
    ["tags.site = ", "found the end"],
    ["tags.site = 'x", "Unexpected '''"],
    ["tags.site == 'x'", "found '=' at position 11"],
    ["site = 'x'", "found 'site' at position 0"],
    ["tags. = 1", "the name of a property"],
    ["tags.site IN []", "a value"],
    ["tags.site IN 'x'", "Expected '['"],
    ["(tags.a = 1", "Expected ')'"],
    ["tags.a = 1 tags.b = 2", "the end of the condition"],
    ["* AND tags.a = 1", "the end of the condition"],
    ["tags.a = 1 AND", "found the end"],
    ["STARTS_WITH(deviceId, 'a')", "found 'STARTS_WITH'"],
    ["tags.a + 1 = 2", "Unexpected '+'"],
    ["FROM devices.jobs", "Expected 'modules'"],
    ["SELECT * FROM devices", "found 'SELECT'"],
])("the target condition %j is refused with what was expected", (condition, reason) => {
    expect(() => parseTargetCondition(condition)).toThrow(reason);
});

test.each<[string, JsonObject[]]>([
    ["SELECT deviceId FROM devices WHERE tags.floor = 1", [{ deviceId: "a" }]],
    [
        "select deviceId, tags.site as place from devices where tags.floor > 0",
        [
            { deviceId: "a", place: "x" },
            { deviceId: "b", place: "y" },
        ],
    ],
    ["SELECT tags.site FROM devices WHERE deviceId IN ['c', 'd']", [{ site: "it's" }, {}]],
    ["SELECT COUNT() AS n FROM devices WHERE IS_DEFINED(tags.site)", [{ n: 3 }]],
    ["SELECT COUNT() AS n FROM devices WHERE deviceId = 'z'", [{ n: 0 }]],
    [
        "SELECT properties.reported.lastDesiredVersion AS v, COUNT() AS n FROM devices GROUP BY properties.reported.lastDesiredVersion",
        [{ v: 4, n: 2 }, { n: 2 }],
    ],
])("%s answers its columns", (query, expected) => {
    expect(answerQuery(parseQuery(query), twins)).toEqual(expected);
});

test.each([
    ["SELECT * FROM devices", "devices"],
    ["SELECT * FROM devices.modules", "modules"],
] as const)("%s answers whole twins of its source", (query, from) => {
    expect(parseQuery(query)).toMatchObject({ from });
    expect(answerQuery(parseQuery(query), twins)).toEqual(twins);
});

test.each([
    "FROM devices",
    "SELECT FROM devices",
    "SELECT * FROM tables",
    "SELECT * FROM devices LIMIT 1",
    "SELECT deviceId, COUNT() AS n FROM devices",
    "SELECT * FROM devices GROUP BY tags.a",
    "DROP TABLE devices",
])("the query %j is refused", (query) => {
    expect(() => parseQuery(query)).toThrow(/^BadRequest: /);
});
