import { setTimeout as sleep } from "node:timers/promises";
import type { Request } from "express";
import { tookTooLong } from "../errors";
import type { ScoreReply, Scorer } from "./scoreRoutes";
import type { ScoringModule, ScoringRequest, ScoringResponse } from "./scoringModule";

/** Headers that can carry the service's keys; a module does not get them. */
const SECRET_HEADERS = ["authorization", "prediction-key", "cookie"];

/** The answers that `respond` made; any other value is sent as JSON. */
const responses = new WeakSet<object>();

/** Answers `/score` with a scoring module's `run`, and with 504 where that takes longer than `limitMs`. */
export function moduleScorer(scoringModule: ScoringModule, limitMs: number): Scorer {
    return async (request, body) => {
        const answered = new AbortController();
        const limit = sleep(limitMs, undefined, { signal: answered.signal }).then(
            () => {
                throw tookTooLong(limitMs);
            },
            () => undefined,
        );
        try {
            const answer = await Promise.race([scoringModule.run?.(scoringRequest(request, body)), limit]);
            return isResponse(answer) ? replyOf(answer) : { body: toJson(answer) };
        } finally {
            answered.abort();
        }
    };
}

function scoringRequest(request: Request, body: Buffer): ScoringRequest {
    const { searchParams } = new URL(request.originalUrl, "http://localhost");
    const headers = Object.entries(request.headers).filter(([name]) => !SECRET_HEADERS.includes(name));
    return {
        method: request.method as ScoringRequest["method"],
        url: request.originalUrl,
        query: Object.fromEntries(searchParams),
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        body,
        respond(status, content, extraHeaders = {}) {
            const response = { status, body: content, headers: extraHeaders };
            responses.add(response);
            return response;
        },
    };
}

function isResponse(answer: unknown): answer is ScoringResponse {
    return typeof answer === "object" && answer !== null && responses.has(answer);
}

function replyOf({ status, body = "", headers }: ScoringResponse): ScoreReply {
    const given = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
    if (typeof body === "string") {
        return { status, headers, contentType: given ?? "text/plain; charset=utf-8", body };
    }
    return body instanceof Uint8Array
        ? { status, headers, contentType: given ?? "application/octet-stream", body }
        : { status, headers, contentType: given, body: toJson(body) };
}

/** Nothing is sent as an empty object, as the inference server does. */
function toJson(value: unknown): string {
    return JSON.stringify(value ?? {});
}
