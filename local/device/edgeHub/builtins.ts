/** The types that edgeHub tells apart when it compiles a condition; `any` is a value of a message's body. */
export type ValueType = "number" | "string" | "bool" | "null" | "undefined" | "any";

/** A value while a condition is evaluated; undefined stands for a property that the message does not have. */
export type Value = number | string | boolean | null | undefined;

/** A function of the query language. */
export interface Builtin {
    /** The types of its arguments, one list for each way to call it; absent where any one value will do. */
    takes?: readonly (readonly ValueType[])[];
    /** Whether more arguments of the last type may follow. */
    isVariadic?: boolean;
    gives: ValueType;
    /** Where an argument has no value, only a function that takes any value is called. */
    call(...args: never[]): Value;
}

function builtin(gives: ValueType, takes: ValueType[][], call: Builtin["call"]): Builtin {
    return { gives, takes, call };
}

const ofNumber = (call: (value: number) => number) => builtin("number", [["number"]], call);
const ofString = (call: (text: string) => string) => builtin("string", [["string"]], call);
const ofStrings = (call: (text: string, part: string) => boolean) =>
    builtin("bool", [["string", "string"]], call);
const test = (call: (value: Value) => boolean): Builtin => ({ gives: "bool", call });

/** The functions of `ConditionVisitor.cs`, by name in lower case, without the one for twin changes. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
    ["abs", ofNumber(Math.abs)],
    ["exp", ofNumber(Math.exp)],
    ["square", ofNumber((value) => value * value)],
    ["ceiling", ofNumber(Math.ceil)],
    ["floor", ofNumber(Math.floor)],
    ["sign", ofNumber(Math.sign)],
    ["sqrt", ofNumber(Math.sqrt)],
    ["power", builtin("number", [["number", "number"]], (base: number, to: number) => base ** to)],
    ["as_number", builtin("number", [["string"], ["number"]], asNumber)],
    ["is_bool", test((value) => typeof value === "boolean")],
    ["is_defined", test((value) => value !== undefined)],
    ["is_null", test((value) => value === null)],
    ["is_number", test((value) => typeof value === "number")],
    ["is_string", test((value) => typeof value === "string")],
    ["concat", { ...builtin("string", [["string", "string"]], concat), isVariadic: true }],
    ["length", builtin("number", [["string"]], (text: string) => text.length)],
    ["lower", ofString((text) => text.toLowerCase())],
    ["upper", ofString((text) => text.toUpperCase())],
    [
        "substring",
        builtin(
            "string",
            [
                ["string", "number"],
                ["string", "number", "number"],
            ],
            substring,
        ),
    ],
    [
        "index_of",
        builtin("number", [["string", "string"]], (text: string, part: string) => text.indexOf(part)),
    ],
    ["starts_with", ofStrings((text, part) => text.startsWith(part))],
    ["ends_with", ofStrings((text, part) => text.endsWith(part))],
    ["contains", ofStrings((text, part) => text.includes(part))],
]);

function concat(...texts: string[]): string {
    return texts.join("");
}

function substring(text: string, start: number, length?: number): string {
    return text.slice(start, length === undefined ? undefined : start + length);
}

function asNumber(value: string | number): number | undefined {
    if (typeof value === "number") return value;
    const number = Number(value);
    return value.trim() === "" || Number.isNaN(number) ? undefined : number;
}
