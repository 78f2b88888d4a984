import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { Json, JsonObject } from "../../base/mergePatch";
import type { MethodResult } from "../../planes/hub/links/moduleLinks";
import { type LogEntry, logEntries } from "./moduleLogs";

/** What the direct methods of $edgeAgent look at and do. */
export interface AgentActions {
    /** Names of the modules that were made. */
    modules(): string[];
    restart(moduleId: string): Promise<void>;
    /** Everything that a module, or edgeAgent itself, has written. */
    log(moduleId: string): string;
    now(): number;
}

/** A payload cannot be read. */
class BadRequest extends Error {}

const versioned = z.looseObject({ schemaVersion: z.literal("1.0") });
const restartRequest = versioned.extend({ id: z.string().min(1) });
const filter = z.looseObject({
    tail: z.int().min(1).optional(),
    since: z.union([z.string(), z.number()]).optional(),
    until: z.union([z.string(), z.number()]).optional(),
    loglevel: z.int().min(0).max(7).optional(),
    regex: z.string().optional(),
});
const logsRequest = versioned.extend({
    items: z.array(z.looseObject({ id: z.string().min(1), filter: filter.optional() })).min(1),
    encoding: z.enum(["none", "gzip"]).default("none"),
    contentType: z.enum(["text", "json"]).default("text"),
});

/**
 * Answers the direct methods that edgeAgent has built in, by their case-sensitive names: 200 with what was asked for, 400
 * for a payload that cannot be read, 500 for what fails and for an unknown name.
 */
export function agentMethods(actions: AgentActions) {
    const methods: Record<string, (payload: unknown) => Promise<Json>> = {
        ping: async () => null,

        async RestartModule(payload) {
            const { id } = read(restartRequest, payload);
            if (!actions.modules().includes(id))
                throw new Error(`Module ${id} not found in the current environment`);
            await actions.restart(id);
            return null;
        },

        async GetModuleLogs(payload) {
            const { items, encoding, contentType } = read(logsRequest, payload);
            return items
                .flatMap((item) => requestedLogs(item, actions))
                .map(({ id, entries }): JsonObject => {
                    const content =
                        contentType === "json"
                            ? JSON.stringify(entries)
                            : entries.map(({ text }) => `${text}\n`).join("");
                    if (encoding === "none") return { id, payload: content };
                    return { id, payloadBytes: gzipSync(content).toString("base64") };
                });
        },
    };

    return async (name: string, payload: unknown): Promise<MethodResult> => {
        const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
        try {
            if (!method) throw new Error(`The method ${name} is not supported by edgeAgent`);
            return { status: 200, payload: await method(payload) };
        } catch (error) {
            const status = error instanceof BadRequest ? 400 : 500;
            return { status, payload: { message: (error as Error).message } };
        }
    };
}

/** The log of each module that an item of the request names. Its id is a regular expression, as in edgeAgent. */
function requestedLogs(
    item: z.infer<typeof logsRequest>["items"][number],
    { modules, log, now }: AgentActions,
): { id: string; entries: LogEntry[] }[] {
    const pattern = expression(`^(?:${item.id})$`);
    const matched = ["edgeAgent", ...modules()].filter((name) => pattern.test(name));
    if (matched.length === 0) throw new Error(`No modules matched the ID ${item.id}`);
    const { regex, since, until, ...rest } = item.filter ?? {};
    const limits = {
        ...rest,
        since: time(since, now()),
        until: time(until, now()),
        regex: regex === undefined ? undefined : expression(regex),
    };
    return matched.map((id) => ({ id, entries: logEntries(id, log(id), limits) }));
}

function read<T>(schema: z.ZodType<T>, payload: unknown): T {
    const result = schema.safeParse(payload);
    if (result.success) return result.data;
    throw new BadRequest(z.prettifyError(result.error).replace(/\s*\n\s*/g, " "));
}

function expression(source: string): RegExp {
    try {
        return new RegExp(source);
    } catch (error) {
        throw new BadRequest((error as Error).message);
    }
}

/** Reads `since` or `until`: seconds since 1970, a date, or how long ago, such as 1h, 30m or `2 days`. */
function time(value: string | number | undefined, now: number): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === "number" || /^\d+$/.test(value)) return Number(value) * 1000;
    const ago = /^(\d+)\s*(s|m|h|d|seconds?|minutes?|hours?|days?)$/i.exec(value.trim());
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[(ago?.[2]?.[0] ?? "").toLowerCase()];
    if (ago && unit !== undefined) return now - Number(ago[1]) * unit * 1000;
    const parsed = Date.parse(value);
    if (Number.isNaN(parsed))
        throw new BadRequest(`expected a time such as 1h or 2026-11-25T21:00:00Z, found ${value}`);
    return parsed;
}
