import { createRequire } from "node:module";
import { extname, relative, resolve } from "node:path";
import type { ClassifyFor } from "../classify";
import type { Options } from "../config";
import type { LogEntry } from "../log";
import { type Prediction, requireNumbers } from "../predictions";
import type { ScoreFor } from "./scoreBody";

/**
 * What a module in the model folder may export, to do what a `score.py` does: answer `/score` by itself with `run`, or
 * change what goes into and comes out of the built-in classification with `before` and `after`, or both. Every
 * function may return a promise. What one throws is logged, and its caller is told no more than that it failed.
 */
export interface ScoringModule {
    /** Called once, before the service takes requests; the service does not start if it throws. */
    init?(context: ScoringContext): unknown;
    /** Answers a request to `/score`: with a value, which is sent as JSON, or with `request.respond(...)`. */
    run?(request: ScoringRequest): unknown;
    /** Gets the bytes of every image before it is classified, on all routes; returns those to classify. */
    before?(image: Uint8Array): Uint8Array | Promise<Uint8Array>;
    /** Gets the predictions for every image, in the order of the labels; returns those to answer with. */
    after?(predictions: readonly Prediction[]): readonly Prediction[] | Promise<readonly Prediction[]>;
}

/** Functions and facts of the service that a module can use, from `init` on. */
export interface ScoringContext {
    /** Where the module and the model's files are. */
    modelDir: string;
    /** The built-in classification of an image's bytes, without `before` and `after`. */
    classify(image: Uint8Array): Promise<readonly Prediction[]>;
    /** The model's answers to rows of values, as a plain list. */
    scoreRows(rows: readonly unknown[]): Promise<unknown[]>;
    /** Writes a line to the service's log. */
    log(message: string, details?: Record<string, unknown>): void;
}

/** A request to `/score` as it came. */
export interface ScoringRequest {
    method: "GET" | "POST";
    /** The path with its query, such as `/score?top=3`. */
    url: string;
    /** A parameter that is given several times has its last value. */
    query: Record<string, string>;
    /** The headers under names in lower case, without those that can carry the service's keys. */
    headers: Record<string, string>;
    /** The body, byte for byte; empty for GET. */
    body: Uint8Array;
    /** An answer with a status of its own. A body of text or bytes is sent as it is, any other value as JSON. */
    respond(status: number, body?: unknown, headers?: Record<string, string>): ScoringResponse;
}

/** Made by `respond`. */
export interface ScoringResponse {
    readonly status: number;
    readonly body: unknown;
    readonly headers: Record<string, string>;
}

const SHAPE =
    "module.exports = { async init(context) { ... }, async run(request) { return request.respond(200, { ... }); } };";

/**
 * Loads the module that the option `scoringModule` names, a file in the model folder, and has it do its `init`. Throws a
 * sentence for what is no such module. Without the option nothing in that folder is ever run.
 */
export async function openScoringModule(
    { scoringModule: file, modelDir }: Pick<Options, "scoringModule" | "modelDir">,
    builtIn: { classifyFor: ClassifyFor; scoreFor: ScoreFor },
    log: (entry: LogEntry) => void,
): Promise<ScoringModule | undefined> {
    if (file === undefined) {
        return undefined;
    }
    const path = resolve(modelDir, file);
    const expected = `Expected SCORING_MODULE to name a JavaScript file in ${modelDir}`;
    if (relative(modelDir, path).startsWith("..")) {
        throw new Error(`${expected}, found ${file}, which is outside of it.`);
    }
    if (extname(path) === ".py") {
        throw new Error(`${expected}, found the Python script ${file}. Write it as JavaScript: ${SHAPE}`);
    }
    const loaded = load(path, expected);
    const problem = problemOf(loaded);
    if (problem) {
        throw new Error(`Expected ${path} to be a scoring module, found ${problem}. Its shape is: ${SHAPE}`);
    }
    const scoringModule = loaded as ScoringModule;
    try {
        await scoringModule.init?.(createContext(modelDir, builtIn, log));
    } catch (cause) {
        throw new Error(`Expected init of ${path} to succeed, it threw: ${messageOf(cause)}.`, { cause });
    }
    return scoringModule;
}

function createContext(
    modelDir: string,
    { classifyFor, scoreFor }: { classifyFor: ClassifyFor; scoreFor: ScoreFor },
    log: (entry: LogEntry) => void,
): ScoringContext {
    return {
        modelDir,
        // A copy, because the image's memory goes to the worker.
        classify: (image) => classifyFor(new Uint8Array(image), []),
        async scoreRows(rows) {
            const outcome = await scoreFor(Buffer.from(JSON.stringify({ data: rows })), []);
            return outcome.dialect === "rows" ? outcome.answer : [];
        },
        log: (message, details) => log({ event: "scoring module", message, ...details }),
    };
}

function load(path: string, expected: string): unknown {
    try {
        const found = createRequire(__filename)(path) as { default?: unknown };
        // An ES module that exports one object by default is as good as one that exports its functions.
        return typeof found.default === "object" ? found.default : found;
    } catch (cause) {
        throw new Error(`${expected}, loading ${path} failed: ${messageOf(cause)}.`, { cause });
    }
}

function problemOf(found: unknown): string | undefined {
    if (typeof found !== "object" || found === null) {
        return `a ${typeof found}`;
    }
    const functions = ["init", "run", "before", "after"] as const;
    const exported = found as Record<string, unknown>;
    const wrong = functions.find((name) => !["function", "undefined"].includes(typeof exported[name]));
    if (wrong) {
        return `that ${wrong} is no function`;
    }
    return exported.run || exported.before || exported.after
        ? undefined
        : `neither run nor before nor after among its exports (${Object.keys(exported).join(", ") || "none"})`;
}

/** The first line of an error's message: Node adds a list of files to that of a module that it cannot find. */
function messageOf(error: unknown): string {
    const [line = ""] = String(Object(error).message ?? error).split("\n");
    return line.replace(/\.$/, "");
}

/** Puts a module's `before` and `after` around the built-in classification. */
export function withHooks(classifyFor: ClassifyFor, hooks: ScoringModule): ClassifyFor {
    return async (image, ...rest) => {
        const given = hooks.before ? await hooks.before(image) : image;
        const predictions = await classifyFor(given, ...rest);
        return hooks.after
            ? requireNumbers([...(await hooks.after(predictions))], "the scoring module")
            : predictions;
    };
}
