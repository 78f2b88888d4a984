import { fromEntries, toEntries } from "./armEntries";
import { type ArmResource, armId } from "./armResource";
import type { FunctionType, Properties, ResourceType } from "./resourceType";

/** What is particular to a resource type; {@link defineType} adds what ARM's types have in common. */
export interface TypeDefinition
    extends Pick<
        ResourceType,
        "token" | "apiVersion" | "armType" | "name" | "defaults" | "references" | "service" | "longRunning"
    > {
    /** The SDK's inputs, without the path parameters and without the location and tags of what lies in a group. */
    readonly inputs: readonly string[];
    /** Inputs without which Check fails; the path parameters are required in any case. */
    readonly required?: readonly string[];
    /** Inputs whose change makes another resource, as a change of path parameters and location always does. */
    readonly replaceOnChange?: readonly string[];
    /** Outputs that only Azure knows, without name and type. */
    readonly computed: readonly string[];
    /** Inputs that are lists whose entries ARM stores as `toEntries` describes. */
    readonly entries?: readonly string[];
    /** Inputs that ARM keeps beside `properties` in a form of its own, with what makes that form. */
    readonly beside?: Readonly<Record<string, (input: unknown) => unknown>>;
    /** Functions that ask this type, by token; they take the path parameters and what `required` names. */
    readonly functions?: Readonly<Record<string, Partial<FunctionType>>>;
}

/**
 * Completes a resource type. Its path parameters follow from its name. The SDK either has ARM's `properties` as one
 * input or output, or it shows what they hold beside location and tags; the definition's lists say which.
 */
export function defineType(definition: TypeDefinition): ResourceType {
    const { armType, name, required = [], replaceOnChange = [], functions = {} } = definition;
    const pathParameters = [...new Set(["resourceGroupName", ...(name.parents ?? []), name.property])];
    // What lies within another resource has its location from there.
    const location = name.parents ? [] : ["location"];
    const tags = name.parents ? [] : ["tags"];
    const inputs = [...pathParameters, ...location, ...tags, ...definition.inputs];
    const shape = [...inputs, ...definition.computed].includes("properties")
        ? nested
        : flat(pathParameters, definition);
    return {
        ...definition,
        inputs,
        required: [...pathParameters.slice(0, -1), ...required],
        replaceOnChange: [...pathParameters, ...location, ...replaceOnChange],
        computed: [...["name", "type"].filter((output) => !inputs.includes(output)), ...definition.computed],
        functions: Object.fromEntries(
            Object.entries(functions).map(([token, { required = [], action }]) => [
                token,
                { required: [...pathParameters, ...required].sort(), action },
            ]),
        ),
        ...shape,
        idOf: (inputs) => {
            const [group = "", ...names] = pathParameters.map((parameter) => String(inputs[parameter]));
            return armId(armType, group, ...names);
        },
    };
}

type Shape = Pick<ResourceType, "toBody" | "toOutputs">;

/** The SDK has `properties` as ARM has them. */
const nested: Shape = {
    toBody: ({ location, tags, sku, properties }) =>
        ({ location, tags, sku, properties }) as Partial<ArmResource>,
    toOutputs: ({ id, ...outputs }) => outputs,
};

/** The SDK has on one level what ARM has in and beside `properties`. */
function flat(pathParameters: readonly string[], { entries = [], beside = {} }: TypeDefinition): Shape {
    const withEntries = (properties: Properties, form: (list: unknown) => Properties[]) => ({
        ...properties,
        ...Object.fromEntries(entries.map((list) => [list, form(properties[list])])),
    });
    return {
        toBody: (inputs) => {
            const { location, tags, sku, id, name, type, ...rest } = inputs;
            const properties = Object.entries(rest).filter(
                ([input]) => !pathParameters.includes(input) && !(input in beside),
            );
            const converted = Object.entries(beside).map(([input, form]) => [input, form(inputs[input])]);
            return {
                ...({ location, tags, sku } as Partial<ArmResource>),
                ...Object.fromEntries(converted),
                properties: withEntries(Object.fromEntries(properties), toEntries),
            };
        },
        toOutputs: ({ id, properties, ...outputs }) => ({
            ...outputs,
            ...withEntries(properties, fromEntries),
        }),
    };
}
