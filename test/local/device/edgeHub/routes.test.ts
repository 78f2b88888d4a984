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
    [
        "FROM /messages/modules/m/outputs/o/* all of it */INTO\t$upstream",
        "/messages/modules/m/outputs/o/",
        "$upstream",
    ],
    // A star after a slash begins a comment, if one ends anywhere.
    ["FROM /messages/* WHERE a */ / b INTO $upstream", "/messages/b/", "$upstream"],
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
        properties: {
            alert: "yes",
            level: "7",
            $contentType: "mine",
            e5: "x",
            "a-b": "named",
            a: "0",
            "$my$body.label": "other",
        },
        system: { contentType: "application/json", contentEncoding: "UTF-8", connectionModuleId: "cam" },
        body: Buffer.from(
            JSON.stringify({
                label: "ripe",
                score: 0.9,
                two: 2,
                sure: true,
                deep: { list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "ten"] },
                "1a": 1,
                a1: 2,
                parts: [{ n: 1 }, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
                none: null,
            }),
        ),
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
        "(alert ?? 'default') = 'yes'",
        // Each operator, at its limit.
        "1 < 2 AND 2 > 1 AND 1 <= 1 AND 1 >= 1 AND 1 <= 2 AND 2 >= 1",
        "'a' < 'b' AND 'b' >= 'a' AND 'a' != 'b' AND 'a' <> 'b'",
        "NOT(1 < 1 OR 2 < 1) AND NOT(2 <= 1) AND NOT(1 > 1 OR 1 > 2) AND NOT(1 >= 2)",
        "NOT(1 = 2) AND NOT(1 != 1) AND NOT(1 <> 1)",
        "1 + 2 = 3 AND 7 - 2 = 5 AND 2 * 3 = 6 AND 6 / 4 = 1.5 AND 7 % 4 = 3",
        "- as_number(level) = -7 AND -(2) = 0 - 2",
        "'a' || 'b' = 'ab'",
        // What binds closer.
        "1 + 2 * 3 = 7 AND 2 * 3 + 1 = 7 AND (1 + 2) * 3 = 9 AND 8 - 4 - 2 = 2",
        "true OR true AND false",
        "true = 1 < 2",
        // How values are written.
        "0x1F = 31 AND 1e3 = 1000 AND 1.5E+2 = 150 AND 25e-1 = 2.5 AND .5 = 0.5",
        "'it\\'s' = \"it's\" AND '\\u0041\\\\' = 'A\\\\'",
        "a-b = 'named' AND a>''\r\n\tAND true",
        "is_null(null) AND NOT is_defined(undefined)",
        // One side that decides is enough, unless one comes from the body.
        "missing = 'a' OR true",
        "true OR missing = 'a'",
        "NOT(missing = 'a' AND false)",
        "NOT(false AND missing = 'a')",
        "NOT($body.missing = 'a') AND $body.none = null",
        "$body.sure AND true",
        "is_string($body.label) AND is_number($body.score) AND is_bool($body.sure)",
        "$BODY.parts[0].n = 1",
        "$body.parts[11] = 11",
        "power($body.two, 3) = 8",
        "$body.deep.list[10] = 'ten' AND $body.1a = 1 AND $body.a1 = 2",
        "undefined OR true",
        "true OR null",
        "($body.two ?? 'x') = 2",
        "$my$body.label = 'other'",
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
        "is_defined($body.parts)",
        "missing = 'a' OR false",
        "missing = 'a' AND true",
        "true AND missing = 'a'",
        "$body.none OR true",
        "true OR $body.label",
        "NOT($body.none AND false)",
        "NOT($body.label > 1)",
        "NOT($body.label < 1)",
        "NOT($body.none >= $body.none)",
        "NOT($body.label)",
        "is_defined(-$body.label)",
        "is_defined($body.label + 1) OR is_defined(1 - $body.label)",
        "is_defined($body.score || 'x')",
        "is_defined(upper($body.score)) OR is_defined(power($body.two, $body.label))",
        "length(missing) >= 0",
        "is_defined(concat('a', missing))",
        "is_defined($body.toString) AND NOT is_null($body.toString)",
        "is_defined(constructor)",
        "NOT null",
        "level != missing",
        "($body.label ?? 1) = 2",
        "is_defined($body.score || $body.two)",
        "is_defined($body.label + $body.label)",
    ])("%s does not", (condition) => {
        expect(holds(condition)).toBe(false);
    });

    test("looks into bodies that say they are JSON in an encoding, and into no others", () => {
        const { contentEncoding: _none, ...system } = message.system;
        expect(holds("$body.label = 'ripe'", { ...message, system } as typeof message)).toBe(false);
        expect(holds("$body.label = 'ripe'", { ...message, body: Buffer.from("{") })).toBe(false);
        const as = (changes: object, body = message.body, condition = "$body.label = 'ripe'") =>
            holds(condition, { ...message, system: { ...message.system, ...changes }, body });
        expect(as({ contentType: "Application/JSON" })).toBe(true);
        expect(as({ contentType: "text/plain" })).toBe(false);
        expect(as({ contentType: undefined })).toBe(false);
        expect(as({ contentEncoding: "utf-16" }, Buffer.from(message.body.toString(), "utf16le"))).toBe(true);
        expect(as({ contentEncoding: "latin1" })).toBe(false);
        for (const other of ["[1]", "null", '"ripe"'])
            expect(as({}, Buffer.from(other), "is_defined($body.label)")).toBe(false);
    });

    test.each([
        ["level > 6", /Operands of > are string and number, expected string/],
        ["NOT alert = 'no'", /Operand of not is string/],
        ["alert AND true", /Operands of and are string and bool/],
        ["shout(alert)", /Invalid built-in function 'shout'/],
        ["length(1)", /Arguments of built-in function length do not match: given \(number\)/],
        ["$body.a[x] = 1", /Error in \$body query/],
        ["$body.a[1]b = 1", /'a\[1\]b' is not a path/],
        ["$body..a = 1", /'\.a' is not a path/],
        ["e5 = 'x'", /Operands of = are undefined and string/],
        ["1 + 'a' = 1", /Operands of \+ are number and string, expected number/],
        ["1 - 'a' = 1", /Operands of - are number and string, expected number/],
        ["'a' * 2 = 1", /Operands of \* are string and number, expected number/],
        ["'a' / 2 = 1", /Operands of \/ are string and number, expected number/],
        ["'a' % 'b' = 1", /Operands of % are string and string, expected number/],
        ["'a' || 1 = 'a1'", /Operands of \|\| are string and number, expected string/],
        ["1 OR true", /Operands of or are number and bool, expected bool/],
        ["- 'a' = 1", /Operand of - is string, expected number/],
        ["- null = 1", /Operand of - is null/],
        ["(1 < 2) = 1", /Operands of = are bool and number, expected bool/],
        ["(missing ?? 'a') = 1", /Operands of = are string and number/],
        ["missing ?? 1", /Operands of \?\? are string and number/],
        // Loosest of all; and TRUE is the name of a property.
        ["missing ?? 'a' = 'a'", /Operands of \?\? are string and bool/],
        ["TRUE = true", /Operands of = are string and bool/],
        ["($body.score + 1) = 'a'", /Operands of = are number and string/],
        ["1 = undefined", /Operands of = are number and undefined/],
        ["$body.a = undefined", /Operands of = are any and undefined/],
        ["length() = 1", /length do not match: given \(\)/],
        ["length('a', 'b') = 1", /length do not match: given \(string, string\)/],
        ["concat('a') = 'a'", /concat do not match: given \(string\)/],
        ["concat('a', 'b', 1) = 'a'", /concat do not match: given \(string, string, number\)/],
        ["is_null()", /is_null do not match: given \(\)/],
        ["is_null(1, 2)", /is_null do not match: given \(number, number\)/],
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
