import { isJsonObject, type Json } from "../../base/mergePatch";
import { builtins, type Value, type ValueType } from "./builtins";
import type { Expression } from "./condition";

/** What a condition may look at. */
export interface RoutedMessage {
    /** The properties that the application gave the message. */
    properties: Readonly<Record<string, string>>;
    /** The properties of the system: `messageId`, `contentType`, `connectionModuleId`, … */
    system: Readonly<Record<string, string>>;
    body: Buffer;
}

interface Compiled {
    type: ValueType;
    value(message: RoutedMessage): Value;
}

/**
 * Compiles a condition as edgeHub does (`ConditionVisitor.cs`): properties are strings, which compare with strings only,
 * so a number among them needs `as_number`. Throws a sentence for an unknown function and for types that do not go
 * together. The condition holds when its value is true, and not when it is false or undefined.
 */
export function compileCondition(expression: Expression): (message: RoutedMessage) => boolean {
    const compiled = compile(expression);
    return (message) => compiled.value(message) === true;
}

function compile(expression: Expression): Compiled {
    switch (expression.kind) {
        case "literal":
            return { type: typeOf(expression.value), value: () => expression.value };
        case "property":
            return { type: "string", value: ({ properties }) => own(properties, expression.name) };
        case "system":
            return systemProperty(expression);
        case "call":
            return call(expression.name, expression.args.map(compile));
        case "unary":
            return unary(expression.operator, compile(expression.of));
        case "binary":
            return binary(expression.operator, compile(expression.left), compile(expression.right));
    }
}

function systemProperty({ name, isEscaped }: { name: string; isEscaped: boolean }): Compiled {
    const body = /^\$body\.(.+)$/i.exec(name)?.[1];
    const path = body === undefined ? undefined : bodyPath(body);
    const found = ({ system, ...message }: RoutedMessage): Value =>
        path ? bodyValue(message, system, path) : own(system, name.slice(1));
    return {
        type: path ? "any" : "string",
        // A property of the application that has the same name comes first.
        value: (message) => (isEscaped ? undefined : own(message.properties, name)) ?? found(message),
    };
}

function call(name: string, args: Compiled[]): Compiled {
    const builtin = builtins.get(name.toLowerCase());
    if (!builtin) throw new Error(`Invalid built-in function '${name}'.`);
    const { takes, isVariadic, gives } = builtin;
    const fits = (types: readonly ValueType[]) =>
        (isVariadic ? args.length >= types.length : args.length === types.length) &&
        args.every(({ type }, index) => agree(types[index] ?? (types.at(-1) as ValueType), type));
    if (takes ? !takes.some(fits) : args.length !== 1) {
        const given = args.map(({ type }) => type).join(", ");
        throw new Error(`Arguments of built-in function ${name} do not match: given (${given}).`);
    }
    const invoke = builtin.call as (...values: Value[]) => Value;
    return {
        type: gives,
        value(message) {
            const values = args.map(({ value }) => value(message));
            if (takes && values.some((value) => value === undefined)) return undefined;
            const isRight = (types: readonly ValueType[]) =>
                values.every((value, index) => typeOf(value) === (types[index] ?? types.at(-1)));
            return !takes || takes.some(isRight) ? invoke(...values) : undefined;
        },
    };
}

function unary(operator: "-" | "not", of: Compiled): Compiled {
    const type = operator === "-" ? "number" : "bool";
    if (!agree(type, of.type) && !(operator === "not" && of.type === "null"))
        throw new Error(`Operand of ${operator} is ${of.type}, expected ${type}.`);
    return {
        type,
        value(message) {
            const value = of.value(message);
            if (operator === "not") return typeof value === "boolean" ? !value : undefined;
            return typeof value === "number" ? -value : undefined;
        },
    };
}

function binary(operator: string, left: Compiled, right: Compiled): Compiled {
    const expected: Record<string, ValueType> = { "+": "number", "-": "number", "*": "number" };
    Object.assign(expected, { "/": "number", "%": "number", "||": "string", and: "bool", or: "bool" });
    const wanted = expected[operator] ?? (left.type === "any" ? right.type : left.type);
    const mayBeMissing = operator === "and" || operator === "or" ? ["null", "undefined"] : [];
    for (const { type } of [left, right]) {
        if (!agree(wanted, type) && !mayBeMissing.includes(type))
            throw new Error(
                `Operands of ${operator} are ${left.type} and ${right.type}, expected ${wanted}.`,
            );
    }
    const isOfBody = left.type === "any" || right.type === "any";
    const isComparison = ["=", "!=", "<>", "<", "<=", ">", ">="].includes(operator);
    return {
        type: isComparison ? "bool" : operator === "??" ? (isOfBody ? "any" : left.type) : wanted,
        value(message) {
            const one = left.value(message);
            if (operator === "??") return one === undefined ? right.value(message) : one;
            return operate(operator, one, right.value(message), isOfBody);
        },
    };
}

function operate(operator: string, one: Value, other: Value, isOfBody: boolean): Value {
    if (operator === "and" || operator === "or") {
        const decides = operator === "or";
        const isBool = typeof one === "boolean" && typeof other === "boolean";
        // One side that decides is enough, unless a side comes from the body: then both need a value.
        if (!isBool) return !isOfBody && (one === decides || other === decides) ? decides : undefined;
        return decides ? one || other : one && other;
    }
    if (one === undefined || other === undefined) return undefined;
    if (operator === "=") return one === other;
    if (operator === "!=" || operator === "<>") return one !== other;
    if (typeof one !== typeof other || one === null || other === null) return undefined;
    if (operator === "<") return one < other;
    if (operator === "<=") return one <= other;
    if (operator === ">") return one > other;
    if (operator === ">=") return one >= other;
    if (operator === "||") return typeof one === "string" ? `${one}${String(other)}` : undefined;
    if (typeof one !== "number" || typeof other !== "number") return undefined;
    if (operator === "+") return one + other;
    if (operator === "-") return one - other;
    if (operator === "*") return one * other;
    return operator === "/" ? one / other : one % other;
}

/** Whether a value of type `found` may stand where `wanted` is expected; that of a body is known only at run time. */
function agree(wanted: ValueType, found: ValueType): boolean {
    if (wanted === found) return true;
    return (wanted === "any" && found !== "undefined") || (found === "any" && wanted !== "undefined");
}

function bodyPath(path: string): (string | number)[] {
    if (!/^[^.[\]]+(\[\d+\])*(\.[^.[\]]+(\[\d+\])*)*$/.test(path))
        throw new Error(`Error in $body query. '${path}' is not a path such as a.b[0].`);
    return path
        .split(/[.[\]]+/)
        .flatMap((part) => (part === "" ? [] : [/^\d+$/.test(part) ? Number(part) : part]));
}

/** The value at a path in a body that is JSON and says so; null where the body has no such path. */
function bodyValue(
    { body }: Pick<RoutedMessage, "body">,
    { contentType, contentEncoding = "" }: Readonly<Record<string, string>>,
    path: readonly (string | number)[],
): Value {
    const encoding = { "utf-8": "utf8", "utf-16": "utf16le" }[contentEncoding.toLowerCase()];
    if (contentType?.toLowerCase() !== "application/json" || !encoding) return undefined;
    let value: Json | undefined;
    try {
        value = JSON.parse(body.toString(encoding as BufferEncoding));
    } catch {
        // A body that is not JSON, although it says so, has no values.
        return undefined;
    }
    if (!isJsonObject(value)) return undefined;
    for (const key of path) {
        const below: Json | undefined = Array.isArray(value)
            ? value[Number(key)]
            : isJsonObject(value) && Object.hasOwn(value, key)
              ? value[key]
              : undefined;
        if (below === undefined) return null;
        value = below;
    }
    return typeof value === "object" && value !== null ? undefined : value;
}

function typeOf(value: Value): ValueType {
    if (value === null) return "null";
    if (typeof value === "boolean") return "bool";
    return typeof value as "number" | "string" | "undefined";
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
    return Object.hasOwn(values, name) ? values[name] : undefined;
}
