import { checkInputs } from "../../../../infra/provider/checkInputs";
import { device } from "../../../../infra/provider/device/device";
import { enrollment, enrollmentGroup } from "../../../../infra/provider/enrollment/enrollment";
import type { ResourceType } from "../../../../infra/provider/resourceType";

const service = { provisioningServiceHostName: "dps.example", hubHostName: "hub.example" };
const tagged: [string, ResourceType, object][] = [
    ["a device", device, { hubHostName: "hub.example", deviceId: "d" }],
    ["an enrollment", enrollment, { ...service, registrationId: "d" }],
    ["an enrollment group", enrollmentGroup, { ...service, groupId: "g" }],
];

/** Tags of so many bytes as JSON. */
const tagsOf = (bytes: number) => {
    const pair = { a: "x".repeat(4000), b: "" };
    return { ...pair, b: "x".repeat(bytes - JSON.stringify(pair).length) };
};

describe.each(tagged)("the tags of %s", (_, type, inputs) => {
    const failures = (tags: object) => checkInputs(type, { ...inputs, tags }).failures;

    test("may have 8 KB, and not a byte more", () => {
        expect(failures(tagsOf(8192 - 200))).toEqual([]);
        const three = { ...tagsOf(8000), c: "" };
        const fill = 8192 - JSON.stringify(three).length;
        expect(failures({ ...three, c: "x".repeat(fill) })).toEqual([]);
        expect(failures({ ...three, c: "x".repeat(fill + 1) })).toEqual([
            { property: "tags", reason: "Expected tags to have at most 8192 bytes, found 8193." },
        ]);
    });

    test("have keys that a twin takes", () => {
        expect(failures({ "a.b": 1 })).toEqual([
            {
                property: "tags",
                reason: 'Expected the keys of tags without dots, $, #, spaces and control characters, found "a.b".',
            },
        ]);
    });
});
