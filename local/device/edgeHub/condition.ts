import type { RouteToken } from "./routeTokens";

/** The condition after WHERE as a tree, by edgeHub's grammar (`Condition.g4`). */
export type Expression =
    | { kind: "literal"; value: string | number | boolean | null | undefined }
    | { kind: "property"; name: string }
    /** `$name`, or `{$name}`, which no property of the application hides. */
    | { kind: "system"; name: string; isEscaped: boolean }
    | { kind: "call"; name: string; args: Expression[] }
    | { kind: "unary"; operator: "-" | "not"; of: Expression }
    | { kind: "binary"; operator: string; left: Expression; right: Expression };

/** Reads the tokens of a route one after the other. */
export class RouteReader {
    private readonly tokens: readonly RouteToken[];
    private next = 0;

    constructor(tokens: readonly RouteToken[]) {
        this.tokens = tokens;
    }

    peek(): RouteToken {
        // There always is one: the last token is the end, which is never taken.
        return this.tokens[this.next] as RouteToken;
    }

    take(): RouteToken {
        const token = this.peek();
        if (token.kind !== "end") this.next++;
        return token;
    }

    takeIf(...kinds: string[]): RouteToken | undefined {
        return kinds.includes(this.peek().kind) ? this.take() : undefined;
    }

    expect(kind: string, what = `'${kind}'`): RouteToken {
        return this.takeIf(kind) ?? this.refuse(what);
    }

    refuse(expected: string): never {
        const { kind, text, at } = this.peek();
        const found = kind === "end" ? text : `'${text}'`;
        throw new Error(`expected ${expected}, found ${found} at position ${at}`);
    }
}

/** Operators from the loosest to the tightest. */
const levels = [
    ["??"],
    ["or"],
    ["and"],
    ["=", "!=", "<>"],
    ["<", "<=", ">", ">="],
    ["+", "-", "||"],
    ["*", "/", "%"],
];

/** Reads an expression. NOT binds as close as a sign does: `NOT a = b` is `(NOT a) = b`. */
export function readExpression(reader: RouteReader, level = 0): Expression {
    const operators = levels[level];
    if (!operators) return readOperand(reader);
    let left = readExpression(reader, level + 1);
    for (let token = reader.takeIf(...operators); token; token = reader.takeIf(...operators)) {
        left = { kind: "binary", operator: token.kind, left, right: readExpression(reader, level + 1) };
    }
    return left;
}

function readOperand(reader: RouteReader): Expression {
    const operator = reader.takeIf("-", "not")?.kind as "-" | "not" | undefined;
    if (operator) return { kind: "unary", operator, of: readOperand(reader) };
    if (reader.takeIf("(")) {
        const inner = readExpression(reader);
        reader.expect(")");
        return inner;
    }
    if (reader.takeIf("{")) {
        const { text } = reader.expect("system", "the name of a system property, such as $contentType");
        reader.expect("}");
        return { kind: "system", name: text, isEscaped: true };
    }
    const token =
        reader.takeIf("string", "number", "true", "false", "null", "undefined", "system", "name") ??
        reader.refuse("a property, a value or a function");
    switch (token.kind) {
        case "string":
            return { kind: "literal", value: unescaped(token.text.slice(1, -1)) };
        case "number":
            return { kind: "literal", value: numberOf(token.text) };
        case "true":
        case "false":
            return { kind: "literal", value: token.kind === "true" };
        case "null":
            return { kind: "literal", value: null };
        case "undefined":
            return { kind: "literal", value: undefined };
        case "system":
            return { kind: "system", name: token.text, isEscaped: false };
        default:
            return reader.takeIf("(")
                ? { kind: "call", name: token.text, args: readArguments(reader) }
                : { kind: "property", name: token.text };
    }
}

function readArguments(reader: RouteReader): Expression[] {
    const args: Expression[] = [];
    if (reader.takeIf(")")) return args;
    do args.push(readExpression(reader));
    while (reader.takeIf(","));
    reader.expect(")", "a comma or a closing parenthesis");
    return args;
}

/** A name such as `e5` is a number to the lexer, and has no value as one. */
function numberOf(text: string): number | undefined {
    const number = Number(text);
    return Number.isNaN(number) ? undefined : number;
}

function unescaped(text: string): string {
    return text
        .replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
        .replace(/\\(["'\\])/g, "$1");
}
