import { type Expression, RouteReader, readExpression } from "./condition";
import { routeTokens } from "./routeTokens";

/** Where a route leads: to the hub, or to an input of a module of this device. */
export type Sink = "$upstream" | { moduleId: string; input: string };

/** A route as it stands in the manifest, taken apart. */
export interface ParsedRoute {
    /** It takes every source that begins with this, in lower case: `/messages/modules/m/`. */
    source: string;
    condition?: Expression;
    sink: Sink;
}

/**
 * Reads `FROM source [WHERE condition] INTO sink` by edgeHub's grammar (`Route.g4`), which `SELECT *` may precede and
 * which looks at nothing after the sink. Throws a sentence for what it cannot read.
 */
export function readRoute(route: string): ParsedRoute {
    const reader = new RouteReader(routeTokens(route));
    if (reader.takeIf("select")) reader.expect("*");
    reader.expect("from", "'FROM'");
    const source = readSource(reader);
    const condition = reader.takeIf("where") ? readExpression(reader) : undefined;
    reader.expect("into", "'INTO'");
    return { source, ...(condition && { condition }), sink: readSink(reader) };
}

function readSource(reader: RouteReader): string {
    const items: string[] = [];
    do {
        reader.expect("/");
        items.push((reader.takeIf("*", "name") ?? reader.refuse("a name or *")).text);
    } while (reader.peek().kind === "/");
    // A route takes all sources that begin with its own, so a star at the end changes nothing.
    if (items.at(-1) === "*") items.pop();
    return ["", ...items, ""].join("/").toLowerCase();
}

function readSink(reader: RouteReader): Sink {
    const system = reader.takeIf("system");
    if (system) {
        if (system.text.toLowerCase() === "$upstream") return "$upstream";
        throw new Error(`System endpoint type '${system.text}' not supported.`);
    }
    const { text: name } = reader.expect("name", "$upstream or BrokeredEndpoint(…)");
    reader.expect("(");
    const { text } = reader.expect("string", 'a string such as "/modules/m/inputs/in1"');
    reader.expect(")");
    if (name.toLowerCase() !== "brokeredendpoint")
        throw new Error(`Function endpoint type '${name}' not supported.`);
    const address = text.slice(1, -1).trim().replace(/^\//, "").replace(/\/$/, "");
    const [, moduleId, , input, ...more] = address.split("/");
    if (!moduleId || !input || more.length > 0) {
        throw new Error(
            `Parameter string ${address} could not be parsed. Expect input in this format - /modules/{mid}/inputs/{input}`,
        );
    }
    return { moduleId, input };
}
