/** The types that edgeHub tells apart when it compiles a condition; `any` is a value of a message's body. */
export type ValueType = "number" | "string" | "bool" | "null" | "undefined" | "any";

/** A value while a condition is evaluated; undefined is one that is not there. */
export type Value = number | string | boolean | null | undefined;

/** A function of the query language. */
export interface Builtin {
    /** What it takes, one list for each way to call it; absent where any one value will do. */
    takes?: readonly (readonly ValueType[])[];
    /** Takes more of the last type. */
    isVariadic?: boolean;
    gives: ValueType;
    /** With what is not there among its arguments only those are called that take any value. */
    call(...args: never[]): Value;
}

const ofNumber = (call: (value: number) => number): Builtin => ({
    takes: [["number"]],
    gives: "number",
    call,
});
const ofString = (call: (value: string) => string): Builtin => ({
    takes: [["string"]],
    gives: "string",
    call,
});
const ofStrings = (call: (text: string, part: string) => boolean): Builtin => ({
    takes: [["string", "string"]],
    gives: "bool",
    call,
});
const test = (call: (value: Value) => boolean): Builtin => ({ gives: "bool", call });

/** Those of `ConditionVisitor.cs`, by their names in lower case; that of twin changes has no messages here. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
    ["abs", ofNumber(Math.abs)],
    ["exp", ofNumber(Math.exp)],
    ["square", ofNumber((value) => value * value)],
    ["ceiling", ofNumber(Math.ceil)],
    ["floor", ofNumber(Math.floor)],
    ["sign", ofNumber(Math.sign)],
    ["sqrt", ofNumber(Math.sqrt)],
    [
        "power",
        { takes: [["number", "number"]], gives: "number", call: (base: number, to: number) => base ** to },
    ],
    ["as_number", { takes: [["string"], ["number"]], gives: "number", call: asNumber }],
    ["is_bool", test((value) => typeof value === "boolean")],
    ["is_defined", test((value) => value !== undefined)],
    ["is_null", test((value) => value === null)],
    ["is_number", test((value) => typeof value === "number")],
    ["is_string", test((value) => typeof value === "string")],
    [
        "concat",
        {
            takes: [["string", "string"]],
            isVariadic: true,
            gives: "string",
            call: (...texts: string[]) => texts.join(""),
        },
    ],
    ["length", { takes: [["string"]], gives: "number", call: (text: string) => text.length }],
    ["lower", ofString((text) => text.toLowerCase())],
    ["upper", ofString((text) => text.toUpperCase())],
    [
        "substring",
        {
            takes: [
                ["string", "number"],
                ["string", "number", "number"],
            ],
            gives: "string",
            call: (text: string, start: number, length?: number) =>
                text.slice(start, length === undefined ? undefined : start + length),
        },
    ],
    [
        "index_of",
        {
            takes: [["string", "string"]],
            gives: "number",
            call: (text: string, part: string) => text.indexOf(part),
        },
    ],
    ["starts_with", ofStrings((text, part) => text.startsWith(part))],
    ["ends_with", ofStrings((text, part) => text.endsWith(part))],
    ["contains", ofStrings((text, part) => text.includes(part))],
]);

function asNumber(value: string | number): number | undefined {
    if (typeof value === "number") return value;
    const number = Number(value);
    return value.trim() === "" || Number.isNaN(number) ? undefined : number;
}
