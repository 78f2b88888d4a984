import type { Json, JsonObject } from "../../../base/mergePatch";
import {
    type Condition,
    type Path,
    readCondition,
    readPath,
    type TokenReader,
    tokenReader,
} from "./condition";
import { holds, valueAt } from "./holds";
import { queryError } from "./tokens";

/** A column of an answer: a place in the twin, or the number of twins. */
interface Column {
    path: Path | "count";
    as: string;
}

/** What may be asked about twins (learn: iot-hub-devguide-query-language, for devices and devices.modules). */
export interface TwinQuery {
    from: "devices" | "modules";
    /** Absent for `*`, the whole twin. */
    columns?: Column[];
    where: Condition;
    groupBy?: Path[];
}

/** Reads a query; refuses with the place of the fault what the service, or this hub, does not take. */
export function parseQuery(query: string): TwinQuery {
    const reader = tokenReader(query);
    reader.expect("SELECT");
    const columns = reader.takeIf("*") ? undefined : readColumns(reader);
    const from = readFrom(reader);
    const where: Condition = reader.takeIf("WHERE") ? readCondition(reader) : { kind: "all" };
    const groupBy = reader.takeIf("GROUP") ? readGroupBy(reader) : undefined;
    if (reader.peek().kind !== "end") reader.refuse("the end of the query");
    for (const { path } of columns ?? []) {
        const isGrouped = (groupBy ?? []).some((group) => JSON.stringify(group) === JSON.stringify(path));
        if (path !== "count" && (groupBy || columns?.some((other) => other.path === "count")) && !isGrouped)
            throw queryError(query, 0, path.join("."), "only COUNT() and what GROUP BY names to be selected");
    }
    if (groupBy && !columns) throw queryError(query, 0, "*", "columns with GROUP BY");
    return { from, columns, where, groupBy };
}

/**
 * Reads the target condition of a configuration: `*` for all, otherwise what stands after a WHERE, or, for modules,
 * `FROM devices.modules WHERE …`.
 */
export function parseTargetCondition(text: string): Pick<TwinQuery, "from" | "where"> {
    const reader = tokenReader(text);
    if (reader.takeIf("*")) {
        if (reader.peek().kind !== "end") reader.refuse("the end of the condition");
        return { from: "devices", where: { kind: "all" } };
    }
    const isQuery = reader.peek().text.toLowerCase() === "from";
    const from = isQuery ? readFrom(reader) : "devices";
    const where: Condition = !isQuery || reader.takeIf("WHERE") ? readCondition(reader) : { kind: "all" };
    if (reader.peek().kind !== "end") reader.refuse("the end of the condition");
    return { from, where };
}

/** The answer of a query over `twins`. */
export function answerQuery(query: TwinQuery, twins: Iterable<JsonObject>): JsonObject[] {
    const found: JsonObject[] = [];
    for (const twin of twins) if (holds(query.where, twin) === true) found.push(twin);
    const { columns } = query;
    if (!columns) return found;
    if (query.groupBy || columns.some(({ path }) => path === "count")) return grouped(query, columns, found);
    return found.map((twin) => row(columns, twin, 1));
}

function grouped({ groupBy = [] }: TwinQuery, columns: Column[], twins: JsonObject[]): JsonObject[] {
    const groups = new Map<string, JsonObject[]>();
    if (groupBy.length === 0) groups.set("", twins);
    else {
        for (const twin of twins) {
            const key = JSON.stringify(groupBy.map((path) => valueAt(twin, path) ?? null));
            groups.set(key, [...(groups.get(key) ?? []), twin]);
        }
    }
    return [...groups.values()].map((group) => row(columns, group[0] ?? {}, group.length));
}

/** What is not there is left out, as the service does. */
function row(columns: Column[], twin: JsonObject, count: number): JsonObject {
    const values = columns.map(({ path, as }): [string, Json | undefined] => [
        as,
        path === "count" ? count : valueAt(twin, path),
    ]);
    return Object.fromEntries(values.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function readColumns(reader: TokenReader): Column[] {
    const columns: Column[] = [];
    do {
        const isCount = reader.takeIf("COUNT");
        if (isCount) for (const symbol of ["(", ")"]) reader.expect(symbol);
        const path = isCount ? "count" : readPath(reader);
        const as = reader.takeIf("AS") ? readName(reader) : nameOf(path, columns);
        columns.push({ path, as });
    } while (reader.takeIf(","));
    return columns;
}

/** The service calls a column without a name by the last part of its place, and others `$1`, `$2`, …. */
function nameOf(path: Path | "count", columns: Column[]): string {
    return path === "count" ? `$${columns.length + 1}` : (path.at(-1) ?? "");
}

function readFrom(reader: TokenReader): TwinQuery["from"] {
    reader.expect("FROM");
    reader.expect("devices");
    if (!reader.takeIf(".")) return "devices";
    reader.expect("modules");
    return "modules";
}

function readGroupBy(reader: TokenReader): Path[] {
    reader.expect("BY");
    const paths: Path[] = [];
    do paths.push(readPath(reader));
    while (reader.takeIf(","));
    return paths;
}

function readName(reader: TokenReader): string {
    if (reader.peek().kind !== "word") reader.refuse("a name");
    return reader.take().text;
}
