import type { Problem } from "../problem";

/**
 * Reads the condition of a route by the grammar of IoT Hub's query language for messages (learn:
 * iot-hub-devguide-routing-query-syntax): comparisons, AND, OR, NOT, arithmetic, `||`, functions, and properties of the
 * message, `$body.…` or the system. Returns what could stand at the first place where that fails, and what stands there.
 */
export function conditionProblem(condition: string): Problem | undefined {
    const tokens = condition.match(token) ?? [];
    let next = 0;
    const peek = () => tokens[next];
    const take = (pattern: RegExp) => pattern.test(peek() ?? "") && next++ >= 0;
    const need = (pattern: RegExp, expected: string) => {
        if (!take(pattern)) throw new Unreadable(expected, peek() ?? "its end");
    };
    const expression = (level = 0): void => {
        const operators = precedence[level];
        if (operators === undefined) operand();
        else
            do expression(level + 1);
            while (take(operators));
    };
    const operand = (): void => {
        while (take(/^(NOT|-)$/i));
        if (take(/^\($/)) {
            expression();
            need(/^\)$/, "a closing parenthesis");
        } else if (!take(/^(['"].*['"]|\d.*|\{.*\})$/s)) {
            need(/^(?!(and|or|not)$)[$A-Za-z_]/i, "a property, a value or a function");
            if (take(/^\($/)) callArguments();
        }
    };
    const callArguments = (): void => {
        if (take(/^\)$/)) return;
        do expression();
        while (take(/^,$/));
        need(/^\)$/, "a comma or a closing parenthesis");
    };
    try {
        expression();
        need(/^$/, "an operator");
        return undefined;
    } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        return { expected: error.expected, found: error.found };
    }
}

/** Operators from the loosest to the tightest. */
const precedence = [/^OR$/i, /^AND$/i, /^(=|!=|<>|<|<=|>|>=)$/, /^(\+|-|\|\|)$/, /^[*/%]$/];

/** Strings, numbers, names with their paths, `{$…}` properties, operators; whatever else is a token of its own. */
const token =
    /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\{\$?[^{}]+\}|[$A-Za-z_][\w$-]*(?:\.[$A-Za-z_][\w$-]*|\[\d+\])*|<>|!=|<=|>=|\|\||\S/gi;

class Unreadable extends Error {
    readonly expected: string;
    readonly found: string;

    constructor(expected: string, found: string) {
        super(`Expected ${expected}, found ${found}.`);
        this.expected = expected;
        this.found = found;
    }
}
