import { type ErrorRequestHandler, type RequestHandler, type Response, Router } from "express";
import { RequestError, WRONG_MODEL } from "../errors";
import { sendJsonError } from "./answers";
import { CLOUD_VERSIONS, type CloudVersion, cloudAnswer } from "./cloudAnswer";
import type { ImageSource, Predictor } from "./predictor";

function routesOf(source: ImageSource): string[] {
    const path = `/:project/classify/iterations/:publishedName/${source}`;
    return [path, `${path}/nostore`];
}

/** All paths of the prediction API that bring an image so, with where they are mounted. */
export function cloudPaths(source: ImageSource): string[] {
    return CLOUD_VERSIONS.flatMap((version) =>
        routesOf(source).map((path) => `/customvision/${version}/prediction${path}`),
    );
}

/**
 * The prediction API of the cloud service in one of its versions, which the SDKs call: to be mounted at
 * `/customvision/{version}/prediction`, in any case. Errors are JSON with `code` and `message`.
 */
export function cloudRoutes(
    version: CloudVersion,
    predict: Predictor,
    authenticate: RequestHandler,
    reportError: (error: unknown, response: Response) => void,
): Router {
    const router = Router({ caseSensitive: false });
    const answer = (source: ImageSource): RequestHandler => {
        return async (request, response) => {
            const predictions = await predict(request, source);
            response.json(cloudAnswer(predictions, String(request.params.project), version));
        };
    };
    for (const source of ["image", "url"] as const) {
        router.post(routesOf(source), authenticate, answer(source));
    }
    router.post("/:project/detect/*rest", authenticate, () => {
        throw new RequestError(
            400,
            WRONG_MODEL,
            "Expected a call of classify: the model is a classifier and detects no objects.",
        );
    });
    router.use((request) => {
        throw new RequestError(
            404,
            "NotFound",
            `Found no operation ${request.method} ${request.baseUrl}${request.path}.`,
        );
    });
    const failed: ErrorRequestHandler = (error, _request, response, _next) => {
        reportError(error, response);
        const known = error instanceof RequestError;
        sendJsonError(
            response,
            known ? error.status : 500,
            known ? error.code : "ErrorPrediction",
            known ? error.message : "The model failed on this image.",
        );
    };
    router.use(failed);
    return router;
}
