import { manifestCautions } from "../../../infra/manifest/manifestCautions";
import { validateManifest } from "../../../infra/manifest/validateManifest";
import { type Base, bases, type Loose } from "./public/bases";
import { containerCases } from "./public/containerCases";
import { agentOf } from "./public/publicCase";

const odd = [undefined, null, 1.5, -1, "", "x y", true, [], {}, [null], { a: null }, [[1]]];

/** The value with each of its members gone, or something odd in its place. */
function* changed(original: Loose): Generator<Loose> {
    const places: string[][] = [];
    const walk = (value: Loose, path: string[]): void => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, member] of Object.entries(value)) {
            places.push([...path, key]);
            walk(member, [...path, key]);
        }
    };
    walk(original, []);
    for (const path of places) {
        for (const value of odd) {
            const copy = structuredClone(original);
            const parent = path.slice(0, -1).reduce((at: Loose, key) => at[key], copy);
            if (value === undefined) delete parent[path.at(-1) ?? ""];
            else parent[path.at(-1) ?? ""] = value;
            yield copy;
        }
    }
}

/** Judges without a crash, and says something or nothing. */
function judge(manifest: Loose): number {
    manifestCautions(manifest);
    const said = validateManifest(manifest);
    for (const sentence of said) expect(sentence).toMatch(/^Expected [\s\S]+, found [\s\S]+/);
    return said.length;
}

test.each(Object.keys(bases) as Base[])("whatever stands anywhere in %s is judged", (base) => {
    const verdicts = [...changed(bases[base]())].map(judge);
    expect(verdicts.filter((count) => count > 0).length).toBeGreaterThan(20);
});

test("whatever stands anywhere in createOptions is judged", () => {
    const valid = containerCases.filter(({ refused }) => refused === undefined);
    const verdicts = valid.flatMap(({ manifest }) => {
        const [{ settings }] = Object.values(agentOf((manifest as Loose).modulesContent).modules) as [Loose];
        const original = settings.createOptions;
        const counts = [...changed(JSON.parse(original))].map((createOptions) => {
            settings.createOptions = JSON.stringify(createOptions);
            return judge(manifest);
        });
        settings.createOptions = original;
        return counts;
    });
    expect(verdicts.filter((count) => count > 0).length).toBeGreaterThan(500);
});
