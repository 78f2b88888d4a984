import type { JsonObject } from "../../../../local/base/mergePatch";
import { compileRoutes, readHubConfig } from "../../../../local/device/edgeHub/hubConfig";
import { readRoute } from "../../../../local/device/edgeHub/route";

const config = (routes: JsonObject, changes: JsonObject = {}) =>
    readHubConfig({
        schemaVersion: "1.1",
        routes,
        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
        ...changes,
    });

test.each([
    ["FROM /messages/* INTO $upstream", "/messages/", "$upstream"],
    ["from /* into $UPSTREAM", "/", "$upstream"],
    ["SELECT * FROM /messages INTO $upstream", "/messages/", "$upstream"],
    [
        'FROM /messages/modules/Cam/outputs/* INTO BrokeredEndpoint("/modules/Z/inputs/in")',
        "/messages/modules/cam/outputs/",
        { moduleId: "Z", input: "in" },
    ],
    [
        "FROM /messages/modules/a-b/outputs/o INTO brokeredEndpoint('modules/Z/inputs/in/')",
        "/messages/modules/a-b/outputs/o/",
        { moduleId: "Z", input: "in" },
    ],
    // The grammar ends with the sink, and so does edgeHub's reading.
    ["FROM /messages/* INTO $upstream whatever", "/messages/", "$upstream"],
])("%s is read", (route, source, sink) => {
    expect(readRoute(route)).toEqual({ source, sink });
});

test.each([
    ["", /expected 'FROM', found the end/],
    ["FROM messages INTO $upstream", /expected '\/', found 'messages' at position 5/],
    ["FROM /messages/* $upstream", /expected 'INTO', found '\$upstream'/],
    ["FROM /messages/* INTO $cloud", /System endpoint type '\$cloud' not supported/],
    ['FROM /messages/* INTO Endpoint("/modules/Z/inputs/in")', /Function endpoint type 'Endpoint' not/],
    [
        'FROM /messages/* INTO BrokeredEndpoint("/modules/Z")',
        /could not be parsed\. Expect input in this format/,
    ],
    ["FROM /messages/* WHERE INTO $upstream", /expected a property, a value or a function, found 'INTO'/],
    ["FROM /messages/* WHERE a = INTO $upstream", /found 'INTO'/],
    ["FROM /messages/* WHERE (a = 'b' INTO $upstream", /expected '\)'/],
    ["FROM /messages/* WHERE a = 'b INTO $upstream", /expected/],
])("%j is refused with the place of its fault", (route, fault) => {
    expect(() => readRoute(route)).toThrow(fault);
});

describe("a condition", () => {
    const message = {
        properties: { alert: "yes", level: "7", $contentType: "mine", e5: "x" },
        system: { contentType: "application/json", contentEncoding: "UTF-8", connectionModuleId: "cam" },
        body: Buffer.from(JSON.stringify({ label: "ripe", score: 0.9, parts: [{ n: 1 }], none: null })),
    };
    const holds = (condition: string, of = message) => {
        const [route] = compileRoutes(config({ r: `FROM /messages/* WHERE ${condition} INTO $upstream` }));
        return route?.holds(of);
    };

    test.each([
        "alert = 'yes'",
        "alert <> \"no\" AND NOT(alert = 'no')",
        "as_number(level) >= 7",
        "as_number(level) * 2 - 1 = 13",
        "level > '6'",
        "alert = 'no' OR level = '7'",
        "alert = 'no' AND level = '8' OR true",
        "$body.label = 'ripe' AND $body.score > 0.5",
        "$body.parts[0].n = 1",
        "is_null($body.missing.deep)",
        "is_defined(alert) AND NOT is_defined(missing)",
        "$connectionModuleId = 'cam'",
        "$contentType = 'mine'",
        "{$contentType} = 'application/json'",
        "length(concat(alert, level, 'x')) = 5",
        "starts_with(upper(alert), 'YE') AND contains(alert, 'e')",
        "substring(alert, 1, 1) || level = 'e7'",
        "(missing ?? 'default') = 'default'",
    ])("%s holds", (condition) => {
        expect(holds(condition)).toBe(true);
    });

    test.each([
        "alert = 'Yes'",
        // What is not there makes a comparison that cannot be told, nor its opposite.
        "missing = 'a'",
        "missing != 'a'",
        "NOT(missing = 'a')",
        "$body.label = 1",
        "$body.score",
        "alert",
        "as_number(alert) > 0",
        "false",
        "$body.parts = 'x'",
    ])("%s does not", (condition) => {
        expect(holds(condition)).toBe(false);
    });

    test("looks into bodies that say they are JSON in an encoding, and into no others", () => {
        const { contentEncoding: _none, ...system } = message.system;
        expect(holds("$body.label = 'ripe'", { ...message, system } as typeof message)).toBe(false);
        expect(holds("$body.label = 'ripe'", { ...message, body: Buffer.from("{") })).toBe(false);
    });

    test.each([
        ["level > 6", /Operands of > are string and number, expected string/],
        ["NOT alert = 'no'", /Operand of not is string/],
        ["alert AND true", /Operands of and are string and bool/],
        ["shout(alert)", /Invalid built-in function 'shout'/],
        ["length(1)", /Arguments of built-in function length do not match: given \(number\)/],
        ["$body.a[x] = 1", /Error in \$body query/],
        ["e5 = 'x'", /Operands of = are undefined and string/],
    ])("%s is read and does not compile", (condition, fault) => {
        const read = config({ r: `FROM /messages/* WHERE ${condition} INTO $upstream` });
        expect(() => compileRoutes(read)).toThrow(fault);
    });
});

describe("desired properties", () => {
    const upstream = "FROM /messages/* INTO $upstream";

    test("give routes as text or with priority and time to live", () => {
        expect(
            config({
                a: upstream,
                b: { route: upstream, priority: 0, timeToLiveSecs: 60 },
                c: { route: upstream },
            }),
        ).toMatchObject({
            timeToLiveSecs: 7200,
            routes: [
                { name: "a", priority: 2_000_000_000, timeToLiveSecs: 0 },
                { name: "b", priority: 0, timeToLiveSecs: 60 },
                { name: "c", priority: 2_000_000_000, timeToLiveSecs: 0 },
            ],
        });
        expect(config({}, { storeAndForwardConfiguration: {} }).timeToLiveSecs).toBe(0);
    });

    test("of schema 1.0 know text only, pass over blank routes and need nothing else", () => {
        expect(readHubConfig({ schemaVersion: "1.0", routes: { a: upstream, b: " " } }).routes).toHaveLength(
            1,
        );
        expect(readHubConfig({ schemaVersion: "1.0" })).toEqual({ routes: [], timeToLiveSecs: 0 });
        expect(() => readHubConfig({ schemaVersion: "1.0", routes: { a: { route: upstream } } })).toThrow();
    });

    test.each<[string, JsonObject, RegExp]>([
        ["no schema version", {}, /EdgeHub config missing SchemaVersion/],
        ["an unknown one", { schemaVersion: "1.4" }, /unsupported SchemaVersion: 1\.4/],
        ["no routes", { schemaVersion: "1.1", storeAndForwardConfiguration: {} }, /routes/],
        ["no store-and-forward", { schemaVersion: "1.1", routes: {} }, /storeAndForwardConfiguration/],
    ])("with %s are refused", (_what, desired, fault) => {
        expect(() => readHubConfig(desired)).toThrow(fault);
    });

    test.each<[JsonObject, RegExp]>([
        [{ r: "FROM x INTO $upstream" }, /^Error parsing route r - expected '\/'/],
        [{ r: { route: upstream, priority: 10 } }, /can only be between 0-9/],
        [{ r: { route: upstream, timeToLiveSecs: -1 } }, /timeToLiveSecs/],
        [{ r: { route: " " } }, /must not be blank/],
        [{ r: 5 }, /r/],
    ])("with the routes %j are refused", (routes, fault) => {
        expect(() => config(routes)).toThrow(fault);
    });
});
