/** A piece of a route: its kind is the text itself for symbols and key words (those in lower case). */
export interface RouteToken {
    kind: string;
    text: string;
    /** Where it begins and ends in the route, counted from 0. */
    at: number;
    end: number;
}

/**
 * The lexer of edgeHub's routes (`GrammarLexer.g4`): of all patterns the longest match counts, of equal ones the first.
 * So `a>1` is three tokens, but `a-b`, which is a name, is one.
 */
const patterns: [kind: string, pattern: RegExp][] = [
    ...["select", "from", "where", "into"].map((word): [string, RegExp] => [word, new RegExp(word, "iy")]),
    ["string", /"(?:\\(?:["'\\]|u[0-9a-fA-F]{4})|[^"\\])*"|'(?:\\(?:["'\\]|u[0-9a-fA-F]{4})|[^'\\])*'/y],
    [
        "unterminated string",
        /"(?:\\(?:["'\\]|u[0-9a-fA-F]{4})|[^"\\])*|'(?:\\(?:["'\\]|u[0-9a-fA-F]{4})|[^'\\])*/y,
    ],
    ["number", /0[Xx][0-9a-fA-F]+|-?\d*\.\d+(?:[Ee][+-]?\d+)?|-?\d*[Ee][+-]?\d+|-?\d+/y],
    ...["true", "false", "null", "undefined"].map((word): [string, RegExp] => [word, new RegExp(word, "y")]),
    ...["and", "or", "not"].map((word): [string, RegExp] => [word, new RegExp(word, "iy")]),
    ["symbol", /!=|<>|<=|>=|\|\||\?\?|[(),+\-*/%=<>{}]/y],
    ["system", /\$[^()<>@,;:\\"/?={} \t\n\r]+/y],
    ["name", /[^()<>@,;:\\"/[\]?={} \t\n\r]+/y],
    ["space", /[ \t\r\n]+|\/\*[\s\S]*?\*\//y],
];

/** Cuts a route into tokens; what fits no pattern is a token of the kind `unknown`. */
export function routeTokens(route: string): RouteToken[] {
    const tokens: RouteToken[] = [];
    for (let at = 0; at < route.length; at = tokens.at(-1)?.end ?? route.length) {
        let best = { kind: "unknown", length: 0 };
        for (const [kind, pattern] of patterns) {
            pattern.lastIndex = at;
            const length = pattern.exec(route)?.[0].length ?? 0;
            if (length > best.length) best = { kind, length };
        }
        const text = route.slice(at, at + Math.max(best.length, 1));
        const kind = best.kind === "symbol" ? text : best.kind;
        tokens.push({ kind, text, at, end: at + text.length });
    }
    const end = route.length;
    return [...tokens.filter(({ kind }) => kind !== "space"), { kind: "end", text: "the end", at: end, end }];
}
