import { HubError } from "../errors";

/** A piece of a query: a word, a symbol, or a literal with its value. */
export interface Token {
    kind: "word" | "symbol" | "string" | "number" | "name" | "end";
    text: string;
    /** Where it begins, from 0. */
    at: number;
}

const patterns: [Token["kind"], RegExp][] = [
    ["name", /\[\[([^\]]*)\]\]/y],
    ["word", /[A-Za-z_$][A-Za-z0-9_$]*/y],
    ["number", /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
    ["string", /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y],
    ["symbol", /!=|<>|<=|>=|[=<>(),.[\]*]/y],
];
/** The service takes queries of about this many characters. */
const longest = 8192;

/** Cuts a query into tokens; refuses with the place of what is none. */
export function tokenize(query: string): Token[] {
    if (query.length > longest) throw queryError(query.slice(0, 40), 0, `more than ${longest} characters`);
    const tokens: Token[] = [];
    let at = 0;
    while (at < query.length) {
        if (/\s/.test(query[at] ?? "")) {
            at++;
            continue;
        }
        const token = tokenAt(query, at);
        if (!token) throw queryError(query, at, `'${query[at]}'`);
        const { length, ...found } = token;
        tokens.push(found);
        at += length;
    }
    return [...tokens, { kind: "end", text: "the end", at: query.length }];
}

/** A refusal that shows where the query is at fault. */
export function queryError(query: string, at: number, found: string, expected?: string): HubError {
    const wanted = expected ? `Expected ${expected}, found` : "Unexpected";
    return new HubError("ArgumentInvalid", `BadRequest: ${wanted} ${found} at position ${at} of: ${query}`);
}

function tokenAt(query: string, at: number): (Token & { length: number }) | undefined {
    for (const [kind, pattern] of patterns) {
        pattern.lastIndex = at;
        const match = pattern.exec(query);
        if (!match) continue;
        const inner = match[1] ?? match[2];
        const text =
            kind === "string"
                ? (inner ?? "").replace(/\\(.)/g, "$1")
                : kind === "name"
                  ? (inner ?? "")
                  : match[0];
        return { kind, text, at, length: match[0].length };
    }
    return undefined;
}
