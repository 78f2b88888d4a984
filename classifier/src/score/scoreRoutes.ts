import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from "express";
import { RequestError } from "../errors";
import type { Admission, Place } from "../http/admission";
import { send } from "../http/answers";
import { note } from "../http/observe";
import { expectedBytes, readBody } from "../http/requestBody";
import { echoedIds } from "../http/requestIds";

/** An answer of `/score`: 200 and JSON unless it says otherwise. */
export interface ScoreReply {
    status?: number;
    contentType?: string;
    headers?: Record<string, string>;
    body: string | Uint8Array;
}

/** Finds the answer to a request whose body was read. `place` is for what it waits for. */
export type Scorer = (request: Request, body: Buffer, place: Place) => Promise<ScoreReply>;

export interface ScoreRouteParts {
    admission: Admission;
    scorer: Scorer;
    /** The limit of a body on these routes, higher than elsewhere: it may hold thousands of rows. */
    maxScoreBytes: number;
}

/** The sentence of azureml-inference-server-http for a score.py that fails. */
const FAILED = "An unexpected error occurred in scoring script. Check the logs for more info.";

/**
 * `/score` as azureml-inference-server-http has it, for the clients of Azure ML's deployment guides: its methods, headers
 * and errors. `/{model}/score` asks one of several models.
 */
export function scoreRoutes(
    { admission, scorer, maxScoreBytes }: ScoreRouteParts,
    authenticate: RequestHandler,
    reportError: (error: unknown, response: Response) => void,
): Router {
    const router = Router({ caseSensitive: true, strict: true });
    const paths = ["/score", "/:project/score"];
    const answer: RequestHandler = async (request, response) => {
        const place = admission.enter(expectedBytes(request, maxScoreBytes));
        try {
            const body = await place.whileWaiting(readBody(request, { maxBytes: maxScoreBytes }));
            note(response, { bytes: body.length });
            const start = performance.now();
            const reply = await scorer(request, body, place);
            response.setHeader("x-ms-run-fn-exec-ms", (performance.now() - start).toFixed(3));
            sendReply(response, reply);
        } finally {
            place.leave();
        }
    };
    router.all(paths, (request, response, next) => {
        response.setHeaders(echoedIds(request.headers, response.locals.requestId));
        next();
    });
    router.options(paths, (_request, response) => send(response, 200, "text/html; charset=utf-8", ""));
    router.head(paths, methodNotAllowed);
    router.get(paths, authenticate, answer);
    router.post(paths, authenticate, answer);
    router.all(paths, methodNotAllowed);
    router.use(failed(reportError));
    return router;
}

function sendReply(response: Response, { status = 200, contentType, headers = {}, body }: ScoreReply): void {
    response.setHeader("x-ms-run-function-failed", status >= 500 ? "True" : "False");
    for (const [name, value] of Object.entries(headers)) {
        response.setHeader(name, value);
    }
    send(response, status, contentType ?? "application/json", body);
}

const methodNotAllowed: RequestHandler = (_request, response) => {
    response.setHeader("Allow", "GET, OPTIONS, POST");
    throw new RequestError(405, "MethodNotAllowed", "The method is not allowed for the requested URL.");
};

function failed(reportError: (error: unknown, response: Response) => void): ErrorRequestHandler {
    return (error, _request, response, _next) => {
        reportError(error, response);
        const known = error instanceof RequestError;
        const tooLarge = known && error.code === "BadRequestImageSizeBytes";
        sendReply(response, {
            status: tooLarge ? 413 : known ? error.status : 500,
            body: JSON.stringify({ message: known ? error.message : FAILED }),
        });
    };
}
