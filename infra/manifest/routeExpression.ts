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
    const parts =
        /^\s*(?:SELECT\s+\*\s+)?FROM(?:\s+|(?=\/))(\S+)(?:\s+WHERE\s+(.+?))?\s+INTO\s+((?:(?!\sINTO\s).)+?)\s*$/is.exec(
            route,
        );
    if (!parts) return undefined;
    const [, source = "", condition, sink = ""] = parts;
    return { source, condition, sink };
}

/** The modules that a route names; none for a route that cannot be taken apart. edgeHub finds a source's in any case. */
export function routeModules(route: string): { source?: string; sink?: string } {
    const parsed = parseRoute(route);
    if (!parsed) return {};
    const source = /^\/messages\/modules\/([^/*]+)/i.exec(parsed.source)?.[1];
    const sink = inputOf(parsed.sink)?.module;
    return { ...(source !== undefined && { source }), ...(sink !== undefined && { sink }) };
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
            fix: "edgeHub finds no message that comes from there: name one of these sources.",
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
    if (parsed.sink.toLowerCase() !== "$upstream" && inputOf(parsed.sink) === undefined) {
        return {
            expected: 'to go into $upstream or BrokeredEndpoint("/modules/MODULE/inputs/INPUT")',
            found: parsed.sink,
            fix: "Name one of these sinks.",
        };
    }
    return undefined;
}

/**
 * A route takes what comes from a place that begins with its source, whatever the case (Azure/iotedge,
 * BaseMessageSource.cs), and a star at the end changes nothing. In the middle a star would be a name like any other.
 */
const sourcePattern =
    /^\/(\*|twinChangeNotifications(\/\*)?|messages(\/\*|\/modules(\/\*|\/[^/\s*$]+(\/\*|\/outputs(\/\*|\/[^/\s*]+(\/\*)?)?)?)?)?)$/i;

/** Reads a sink as edgeHub does (EndpointFactory.cs): any case, either quote, with or without a slash at either end. */
function inputOf(sink: string): { module: string; input: string } | undefined {
    const [, , text = ""] = /^BrokeredEndpoint\s*\(\s*(["'])(.*)\1\s*\)$/is.exec(sink) ?? [];
    const [, module, input] =
        /^\/?[^/\s"']+\/([^/\s"']+)\/[^/\s"']+\/([^/\s"']+)\/?$/.exec(text.trim()) ?? [];
    return module === undefined || input === undefined ? undefined : { module, input };
}
