import type { Json } from "../../../base/mergePatch";
import { queryError, type Token, tokenize } from "./tokens";

/** A place in a twin: `tags.site` is `["tags", "site"]`. */
export type Path = string[];

/** A value of a twin, or one that stands in the query. */
export type Operand = { path: Path } | { value: Json };

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** What a WHERE or a target condition says. */
export type Condition =
    | { kind: "all" }
    | { kind: "and" | "or"; left: Condition; right: Condition }
    | { kind: "not"; of: Condition }
    | { kind: "defined"; path: Path }
    | { kind: "in"; of: Operand; values: Json[]; negated: boolean }
    | { kind: "compare"; left: Operand; operator: Comparison; right: Operand };

/** What a twin has at its top, and a query may name (learn: iot-hub-devguide-query-language). */
const roots = [
    "deviceId",
    "moduleId",
    "tags",
    "properties",
    "configurations",
    "capabilities",
    "status",
    "statusReason",
    "connectionState",
    "lastActivityTime",
    "statusUpdateTime",
    "authenticationType",
    "cloudToDeviceMessageCount",
    "deviceScope",
    "etag",
    "version",
];

/** Reads tokens one after the other, for the condition here and the query around it. */
export interface TokenReader {
    /** The next token, without taking it. */
    peek(): Token;
    take(): Token;
    /** Takes the next token when it is this word, in any case, or this symbol. */
    takeIf(text: string): boolean;
    /** Takes it or refuses. */
    expect(text: string): void;
    refuse(expected: string): never;
}

export function tokenReader(query: string): TokenReader {
    const tokens = tokenize(query);
    let next = 0;
    const reader: TokenReader = {
        // The last token is the end, which nothing takes.
        peek: () => tokens[next] as Token,
        take: () => {
            const token = reader.peek();
            if (token.kind !== "end") next++;
            return token;
        },
        takeIf(text) {
            const { kind, text: found } = reader.peek();
            const isIt =
                (kind === "word" && found.toLowerCase() === text.toLowerCase()) ||
                (kind === "symbol" && found === text);
            if (isIt) next++;
            return isIt;
        },
        expect(text) {
            if (!reader.takeIf(text)) reader.refuse(`'${text}'`);
        },
        refuse(expected) {
            const { kind, text, at } = reader.peek();
            throw queryError(query, at, kind === "end" ? text : `'${text}'`, expected);
        },
    };
    return reader;
}

/** Reads `a OR b`, where AND binds closer and NOT closest. */
export function readCondition(reader: TokenReader): Condition {
    let left = readAnd(reader);
    while (reader.takeIf("OR")) left = { kind: "or", left, right: readAnd(reader) };
    return left;
}

/** Reads a place such as `tags.site`, `properties.reported.$version` or `configurations.[[id]].status`. */
export function readPath(reader: TokenReader): Path {
    const first = reader.peek();
    if (first.kind !== "word" || !roots.includes(first.text)) reader.refuse(`one of ${roots.join(", ")}`);
    const path = [reader.take().text];
    while (reader.takeIf(".")) {
        const { kind } = reader.peek();
        if (kind !== "word" && kind !== "name") reader.refuse("the name of a property");
        path.push(reader.take().text);
    }
    return path;
}

function readAnd(reader: TokenReader): Condition {
    let left = readNot(reader);
    while (reader.takeIf("AND")) left = { kind: "and", left, right: readNot(reader) };
    return left;
}

function readNot(reader: TokenReader): Condition {
    if (reader.takeIf("NOT")) return { kind: "not", of: readNot(reader) };
    if (reader.takeIf("(")) {
        const inner = readCondition(reader);
        reader.expect(")");
        return inner;
    }
    if (reader.takeIf("IS_DEFINED")) {
        reader.expect("(");
        const path = readPath(reader);
        reader.expect(")");
        return { kind: "defined", path };
    }
    return readComparison(reader);
}

function readComparison(reader: TokenReader): Condition {
    const left = readOperand(reader);
    const negated = reader.takeIf("NIN") || (reader.takeIf("NOT") && isIn(reader));
    if (negated || reader.takeIf("IN")) return { kind: "in", of: left, values: readList(reader), negated };
    for (const operator of ["<=", ">=", "!=", "<>", "=", "<", ">"] as const) {
        if (!reader.takeIf(operator)) continue;
        return {
            kind: "compare",
            left,
            operator: operator === "<>" ? "!=" : operator,
            right: readOperand(reader),
        };
    }
    return reader.refuse("a comparison or IN");
}

function isIn(reader: TokenReader): true {
    reader.expect("IN");
    return true;
}

function readList(reader: TokenReader): Json[] {
    reader.expect("[");
    const values: Json[] = [];
    do values.push(readLiteral(reader) ?? reader.refuse("a value"));
    while (reader.takeIf(","));
    reader.expect("]");
    return values;
}

function readOperand(reader: TokenReader): Operand {
    if (reader.takeIf("NULL")) return { value: null };
    const value = readLiteral(reader);
    return value === undefined ? { path: readPath(reader) } : { value };
}

function readLiteral(reader: TokenReader): string | number | boolean | undefined {
    const { kind } = reader.peek();
    if (kind === "string") return reader.take().text;
    if (kind === "number") return Number(reader.take().text);
    if (reader.takeIf("true")) return true;
    return reader.takeIf("false") ? false : undefined;
}
