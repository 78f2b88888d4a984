import { type RequestHandler, type Response, Router } from "express";
import { RequestError, WRONG_MODEL } from "../errors";
import { methodNotAllowed, send } from "./answers";
import { CONTAINER_ERROR, containerAnswer, nowInMicroseconds } from "./containerAnswer";
import { withContainerPaths } from "./containerPath";
import type { ImageSource, Predictor } from "./predictor";

/** The seven forms of a route of the exported container; those for detection run the same handler there too. */
export function containerPaths(source: ImageSource): string[] {
    const published = ["classify", "detect"].map(
        (task) => `/:project/${task}/iterations/:publishedName/${source}`,
    );
    return [
        `/${source}`,
        ...[`/:project/${source}`, ...published].flatMap((path) => [path, `${path}/nostore`]),
    ];
}

/**
 * The routes of the exported container, with its odd details: failures are text, with status 500 for a posted image
 * and 200 for a URL. Two holes are closed: it reads no `file:` URL and no path in the field `imageData`.
 */
export function containerRoutes(
    predict: Predictor,
    authenticate: RequestHandler,
    reportError: (error: unknown, response: Response) => void,
): Router {
    const answer = (source: ImageSource, failureStatus: number): RequestHandler => {
        return async (request, response) => {
            try {
                const predictions = await predict(request, source);
                send(response, 200, "application/json", containerAnswer(predictions, nowInMicroseconds()));
            } catch (error) {
                reportError(error, response);
                // There is no exported container for a model without images, and none refuses anybody: a client that
                // asks the wrong model, or must wait, is told so in plain HTTP.
                const tells =
                    error instanceof RequestError && (error.status >= 503 || error.code === WRONG_MODEL);
                const [status, text] = tells
                    ? [error.status, error.message]
                    : [failureStatus, CONTAINER_ERROR];
                send(response, status, "text/html; charset=utf-8", text);
            }
        };
    };
    return withContainerPaths(Router({ caseSensitive: true, strict: true }), (router) => {
        router.get("/", (_request, response) => {
            send(response, 200, "text/html; charset=utf-8", "CustomVision.ai model host harness");
        });
        router.post(containerPaths("image"), authenticate, answer("image", 500));
        router.post(containerPaths("url"), authenticate, answer("url", 200));
        router.all([...containerPaths("image"), ...containerPaths("url")], methodNotAllowed("OPTIONS, POST"));
        router.all("/", methodNotAllowed("GET, HEAD, OPTIONS"));
    });
}
