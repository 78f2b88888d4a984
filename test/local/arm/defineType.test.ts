import { defineType } from "../../../local/arm/defineType";
import { resourceGroup } from "../../../local/arm/types/resourceGroup";

const service = { provision: async () => resource };
const resource = {
    id: "/an/id",
    name: "one",
    type: "A.Provider/things",
    location: "westeurope",
    tags: { team: "fruit" },
    properties: { colour: "red", parts: [{ name: "first", properties: { size: 1 } }] },
};
const identity = { token: "t", apiVersion: "v", armType: "A.Provider/things", service };
const anyName = { property: "thingName", pattern: /./, rule: "anything" };

describe("a resource type whose properties the SDK shows on one level", () => {
    const type = defineType({
        ...identity,
        name: anyName,
        required: ["colour"],
        inputs: ["colour", "owner", "parts", "sku"],
        entries: ["parts"],
        beside: { owner: (name) => ({ [`${name}`]: {} }) },
        replaceOnChange: ["colour"],
        computed: ["size"],
        functions: { getThing: {}, listKeys: { required: ["keyName"] } },
    });

    test("has the inputs and outputs that every type has", () => {
        expect(type.inputs).toEqual(
            expect.arrayContaining(["resourceGroupName", "thingName", "location", "tags", "colour"]),
        );
        expect(type.required).toEqual(["resourceGroupName", "colour"]);
        expect(type.replaceOnChange).toEqual(["resourceGroupName", "thingName", "location", "colour"]);
        expect(type.computed).toEqual(["name", "type", "size"]);
        expect(type.functions.getThing?.required).toEqual(["resourceGroupName", "thingName"]);
        expect(type.functions.listKeys?.required).toEqual(["keyName", "resourceGroupName", "thingName"]);
    });

    test("sends what is not in the path, in ARM's form", () => {
        const inputs = { resourceGroupName: "rg", thingName: "one", location: "westeurope", colour: "red" };
        const parts = [{ name: "first", size: 1 }];
        expect(type.idOf(inputs)).toMatch(/\/resourceGroups\/rg\/providers\/A\.Provider\/things\/one$/);
        expect(type.toBody({ ...inputs, owner: "me", sku: { name: "S1" }, parts })).toEqual({
            location: "westeurope",
            sku: { name: "S1" },
            owner: { me: {} },
            properties: { colour: "red", parts: [{ name: "first", properties: { size: 1 } }] },
        });
    });

    test("answers in the form of the SDK", () => {
        expect(type.toOutputs(resource)).toEqual({
            name: "one",
            type: "A.Provider/things",
            location: "westeurope",
            tags: { team: "fruit" },
            colour: "red",
            parts: [{ name: "first", size: 1 }],
        });
    });
});

describe("a resource type whose properties the SDK has as one", () => {
    const type = defineType({
        ...identity,
        name: { ...anyName, parents: ["boxName"] },
        inputs: ["properties"],
        computed: ["properties"],
    });

    test("passes them on as they are", () => {
        expect(type.toBody({ boxName: "box", properties: { colour: "red" } })).toEqual({
            properties: { colour: "red" },
        });
        const { id: _, ...outputs } = resource;
        expect(type.toOutputs(resource)).toEqual(outputs);
    });

    test("has no location where it lies within something else", () => {
        expect(type.inputs).toEqual(["resourceGroupName", "boxName", "thingName", "properties"]);
        expect(type.required).toEqual(["resourceGroupName", "boxName"]);
        expect(type.replaceOnChange).not.toContain("location");
    });
});

test("a resource group is named by the one parameter of its path", () => {
    expect(resourceGroup.required).toEqual([]);
    expect(resourceGroup.idOf({ resourceGroupName: "rg" })).toMatch(/\/resourceGroups\/rg$/);
});
