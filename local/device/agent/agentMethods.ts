import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { Json, JsonObject } from "../../base/mergePatch";
import { type LogEntry, logEntries } from "./moduleLogs";

/** The answer of a direct method: a status as of HTTP, and a payload. */
export interface MethodAnswer {
    status: number;
    payload: Json;
}

/** What the methods of $edgeAgent look at and do. */
export interface AgentActions {
    /** Names of the modules that were made. */
    modules(): string[];
    restart(moduleId: string): Promise<void>;
    /** Everything that a module, or edgeAgent itself, has written. */
    log(moduleId: string): string;
    now(): number;
}

/** Answers a direct method to $edgeAgent. */
export type AgentMethods = (name: string, payload: unknown) => Promise<MethodAnswer>;

class BadRequest extends Error {}

const schemaVersion = "1.0";
const versioned = z.looseObject({ schemaVersion: z.literal(schemaVersion) });
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
 * The direct methods that edgeAgent has built in, by their case-sensitive names: 200 with what was asked for, 400 for a
 * payload that cannot be read, 500 for what fails, and for an unknown name.
 */
export function agentMethods(actions: AgentActions): AgentMethods {
    const tasks = new Map<string, { status: string; message: string }>();
    const methods: Record<string, (payload: unknown) => Promise<Json>> = {
        async ping() {
            return null;
        },

        async RestartModule(payload) {
            const { id } = read(versioned.extend({ id: z.string().min(1) }), payload);
            if (!actions.modules().includes(id))
                throw new Error(`Module ${id} not found in the current environment`);
            await actions.restart(id);
            return null;
        },

        async GetModuleLogs(payload) {
            const { items, encoding, contentType } = read(logsRequest, payload);
            return itemsOf(items).map(({ id, entries }): JsonObject => {
                const content =
                    contentType === "json"
                        ? JSON.stringify(entries)
                        : entries.map(({ text }) => `${text}\n`).join("");
                if (encoding === "none") return { id, payload: content };
                return { id, payloadBytes: gzipSync(content).toString("base64") };
            });
        },

        async UploadModuleLogs(payload) {
            const { items } = read(logsRequest.extend({ sasUrl: z.url() }), payload);
            itemsOf(items);
            return task("there is no storage account on this machine that logs could be uploaded to");
        },

        async UploadSupportBundle(payload) {
            read(versioned.extend({ sasUrl: z.url() }), payload);
            return task("there is no storage account on this machine that a bundle could be uploaded to");
        },

        async GetTaskStatus(payload) {
            const { correlationId } = read(versioned.extend({ correlationId: z.string().min(1) }), payload);
            const found = tasks.get(correlationId);
            if (!found)
                throw new Error(`Task status for the task with correlationId ${correlationId} is not found`);
            return { ...found, correlationId };
        },
    };

    function itemsOf(items: z.infer<typeof logsRequest>["items"]): { id: string; entries: LogEntry[] }[] {
        const known = ["edgeAgent", ...actions.modules()];
        return items.flatMap((item) => {
            // An id is a regular expression, as in edgeAgent.
            const pattern = expression(`^(?:${item.id})$`);
            const matched = known.filter((name) => pattern.test(name));
            if (matched.length === 0) throw new Error(`No modules matched the ID ${item.id}`);
            const { regex, since, until, ...rest } = item.filter ?? {};
            const limits = {
                ...rest,
                since: time(since, actions.now()),
                until: time(until, actions.now()),
                regex: regex === undefined ? undefined : expression(regex),
            };
            return matched.map((id) => ({ id, entries: logEntries(id, actions.log(id), limits) }));
        });
    }

    /** Nothing is uploaded here, so a task has failed as soon as it was made. */
    function task(message: string) {
        const correlationId = randomUUID();
        tasks.set(correlationId, { status: "Failed", message });
        return { status: "Running", message: "", correlationId };
    }

    return async (name, payload) => {
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

/** `since` and `until`: seconds since 1970, a time in words, or how long ago, such as 1h, 30m or `2 days`. */
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
