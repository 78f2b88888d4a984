import type { Problem } from "../problem";
import { conditionProblem } from "./routeCondition";

/** A route of edgeHub, taken apart: `FROM source [WHERE condition] INTO sink`. */
export interface RouteExpression {
    readonly source: string;
    readonly condition: string | undefined;
    readonly sink: string;
}

/** Takes a route apart; undefined when it has not the three parts in their order. Key words are of any case. */
export function parseRoute(route: string): RouteExpression | undefined {
    // The condition may hold INTO and WHERE in its strings, so the last INTO counts, and the first WHERE.
    const parts = /^\s*FROM\s+(\S+)(?:\s+WHERE\s+(.+?))?\s+INTO\s+((?:(?!\sINTO\s).)+?)\s*$/is.exec(route);
    if (!parts) return undefined;
    const [, source = "", condition, sink = ""] = parts;
    return { source, condition, sink };
}

/** The modules that a route names as its source or its sink; none for a route that cannot be taken apart. */
export function routeModules(route: string): string[] {
    const parsed = parseRoute(route);
    if (!parsed) return [];
    const source = /^\/messages\/modules\/([^/*]+)/i.exec(parsed.source)?.[1];
    const sink = brokeredEndpoint.exec(parsed.sink)?.[1];
    return [source, sink].filter((name) => name !== undefined);
}

/** What is wrong with a route, `expected` without its name; undefined when edgeHub can read it. */
export function routeProblem(route: string): Problem | undefined {
    const parsed = parseRoute(route);
    if (!parsed) {
        return {
            expected: "to read FROM source [WHERE condition] INTO sink",
            found: `"${route}"`,
            fix: "Write for example: FROM /messages/* INTO $upstream",
        };
    }
    if (!sourcePattern.test(parsed.source)) {
        return {
            expected:
                "to come from /*, /messages/*, /twinChangeNotifications or /messages/modules/MODULE/outputs/OUTPUT",
            found: parsed.source,
            fix: "Name one of these sources.",
        };
    }
    const condition = parsed.condition === undefined ? undefined : conditionProblem(parsed.condition);
    if (condition !== undefined) {
        return {
            expected: `to have ${condition.expected} in its condition`,
            found: condition.found,
            fix: "Write the condition in IoT Hub's query language, such as: as_number(temperature) > 30 AND is_defined($body.alert)",
        };
    }
    if (parsed.sink !== "$upstream" && !brokeredEndpoint.test(parsed.sink)) {
        return {
            expected: 'to go into $upstream or BrokeredEndpoint("/modules/MODULE/inputs/INPUT")',
            found: parsed.sink,
            fix: "Name one of these sinks.",
        };
    }
    return undefined;
}

/** The sources that learn's module-composition page lists. */
const sourcePattern =
    /^\/(\*|twinChangeNotifications|messages\/\*|messages\/modules\/(\*|[A-Za-z0-9_-]+\/(\*|outputs\/(\*|[^/\s*]+))))$/i;
const brokeredEndpoint = /^BrokeredEndpoint\(\s*"\/modules\/([^/"\s]+)\/inputs\/[^/"\s]+"\s*\)$/;
