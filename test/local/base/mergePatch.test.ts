import { diffPatch, mergePatch } from "../../../local/base/mergePatch";

const cases: [object, object, object][] = [
    [{}, { a: 1 }, { a: 1 }],
    [{ a: 1 }, {}, { a: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
    [{ a: { b: 1 } }, { a: {} }, { a: { b: null } }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: "b" }, { a: "b" }],
    [{ a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }, {}],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 2}'), JSON.parse('{"__proto__": 2}')],
];

test.each(cases)("from %j to %j the patch is %j, and it leads there", (from, to, patch) => {
    const [source, target] = [from as never, to as never];
    expect(diffPatch(source, target)).toEqual(patch);
    expect(mergePatch(source, patch as never)).toEqual(to);
});

test("merging changes neither the target nor the patch", () => {
    const target = { a: { b: 1 } };
    const merged = mergePatch(target, { a: { c: 2 } });
    expect([target, merged]).toEqual([{ a: { b: 1 } }, { a: { b: 1, c: 2 } }]);
});
