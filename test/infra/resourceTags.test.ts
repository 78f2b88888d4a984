import { checkSettings } from "../../infra/checkSettings";
import { sentence } from "../../infra/problem";

const check = (key: string, value: string) => checkSettings(new Map([[key, value]]), () => false);
const problems = (key: string, value: string) => check(key, value).problems.map(sentence);
const many = (count: number) =>
    JSON.stringify(Object.fromEntries([...Array(count).keys()].map((place) => [`tag-${place}`, "x"])));

test.each([
    "{}",
    '{"cost-center":"42","Eigentümer (Team)":"a/b?c"}',
    JSON.stringify({ ["n".repeat(512)]: "v".repeat(256), none: "" }),
    many(50),
])("%.80s are tags", (value) => {
    expect(problems("tags", value)).toEqual([]);
    expect(check("tags", value).values.tags).toEqual(JSON.parse(value));
});

test.each<[string, RegExp]>([
    [
        "red",
        /^Expected config `tags` to be an object of texts such as \{"cost-center": "42"\}, found "red"\.$/,
    ],
    ['["a"]', /^Expected config `tags` to be an object of texts .*, found a list\.$/],
    ['{"a":1}', /^Expected config `tags\.a` to be a text of at most 256 characters, found 1\.$/],
    [
        JSON.stringify({ a: "v".repeat(257) }),
        /^Expected config `tags\.a` to be a text of at most 256 characters/,
    ],
    [
        JSON.stringify({ ["n".repeat(513)]: "" }),
        /to be 1 to 512 characters without < > % & \\ \? \/, found "n+"/,
    ],
    ['{"":"x"}', /^Expected each key of config `tags` to be 1 to 512 characters/],
    ...[..."<>%&\\?/"].map((character): [string, RegExp] => [
        JSON.stringify({ [`a${character}b`]: "x" }),
        /^Expected each key of config `tags` to be 1 to 512 characters without/,
    ]),
    ...["azure-x", "Microsoft", "WINDOWS_1"].map((name): [string, RegExp] => [
        JSON.stringify({ [name]: "x" }),
        /to be a name that does not begin with microsoft, azure or windows, which Azure keeps for itself, found /,
    ]),
    [many(51), /^Expected config `tags` to be an object of at most 50 tags/],
    ['{"Team":"a","team":"b"}', /to be an object of names that differ not only in letter case/],
])("%.80s are refused with one sentence", (value, expected) => {
    expect(problems("tags", value)).toEqual([expect.stringMatching(expected)]);
});

test.each(["", "ours", "My_group-(1).x", "g".repeat(90)])('"%s" may be the group', (name) => {
    expect(problems("resourceGroup", name)).toEqual([]);
});

test.each(["ours.", "a b", "a/b", "g".repeat(91)])('"%s" may not be the group', (name) => {
    expect(problems("resourceGroup", name)).toEqual([
        expect.stringContaining("Expected config `resourceGroup` to be the name of a resource group"),
    ]);
});
