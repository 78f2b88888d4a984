import { propertyDiff, propertyPath } from "../../provider-protocol/propertyDiff";

describe("the paths at which properties differ", () => {
    test.each<[string, object, object, Record<string, string>]>([
        ["the same", { a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, {}],
        ["one more, one less", { a: 1 }, { b: 1 }, { a: "delete", b: "add" }],
        ["a member", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { "a.c": "update" }],
        ["entries of a list", { a: [1, 2] }, { a: [1, 3, 4] }, { "a[1]": "update", "a[2]": "add" }],
        ["another kind", { a: [1] }, { a: { 0: 1 } }, { a: "update" }],
        [
            "a key that would be read as a path",
            { "properties.desired": { 'a"b': 1, "c[0]": 1 } },
            { "properties.desired": { 'a"b': 2, "c[0]": 2 } },
            {
                '["properties.desired"]["a\\"b"]': "update",
                '["properties.desired"]["c[0]"]': "update",
            },
        ],
        ["a key without a letter", { a: { "": 1 } }, { a: { "": 2 } }, { 'a[""]': "update" }],
        [
            "lists that become shorter",
            { a: [1, { b: 2 }, 3] },
            { a: [1, { b: 3 }] },
            { "a[1].b": "update", "a[2]": "delete" },
        ],
        ["null and nothing", { a: null, b: null }, { a: {}, b: null }, { a: "update" }],
    ])("are those of %s", (_, olds, news, changes) => {
        const found = propertyDiff(olds as Record<string, unknown>, news as Record<string, unknown>);
        expect(Object.fromEntries(found)).toEqual(changes);
    });

    test("are written the same for a path that is known", () => {
        expect(propertyPath(["a", 0, "b.c", "d"])).toBe('a[0]["b.c"].d');
        expect(propertyPath([])).toBe("");
    });
});
