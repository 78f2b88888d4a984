import cors from "cors";
import express, { type ErrorRequestHandler, type Express } from "express";
import { RequestError } from "./errors";
import { cloudRoutes } from "./http/cloudRoutes";
import { containerRoutes } from "./http/containerRoutes";
import { operationRoutes } from "./http/operationRoutes";
import { notFound, sendJsonError } from "./http/pages";
import { requireKey } from "./http/requireKey";
import { createScoring, type ScoringParts } from "./http/scoring";

export interface AppParts extends ScoringParts {
    /** Required on scoring routes if there are any. */
    keys: readonly string[];
    /** Web pages of these origins may call; `*` stands for all. */
    corsOrigins: readonly string[];
    /** Whether requests are to be sent here: false until a model answers and again while the service stops. */
    isReady: () => boolean;
    /** What `/info` answers. */
    info: () => unknown;
    log: (entry: Record<string, unknown>) => void;
}

/** The HTTP side of the service. It opens nothing: the models come as a function, the port from whoever listens. */
export function createApp({ keys, corsOrigins, isReady, info, log, ...scoring }: AppParts): Express {
    const app = express();
    const score = createScoring(scoring);
    app.disable("x-powered-by");
    app.disable("etag");
    const reportError = (error: unknown) => log(errorEntry(error));
    const authenticate = requireKey(keys);
    if (corsOrigins.length > 0) {
        app.use(
            cors({ origin: corsOrigins.includes("*") ? "*" : [...corsOrigins], methods: ["GET", "POST"] }),
        );
    }
    for (const version of ["v3.0", "v3.1"] as const) {
        app.use(
            `/customvision/${version}/prediction`,
            cloudRoutes(version, score, authenticate, reportError),
        );
    }
    app.use(containerRoutes(score, authenticate, reportError));
    app.use(operationRoutes(isReady, info));
    app.use(notFound);
    const lastResort: ErrorRequestHandler = (error, _request, response, next) => {
        reportError(error);
        if (response.headersSent) {
            next(error);
            return;
        }
        const known = error instanceof RequestError;
        const status = known ? error.status : error instanceof URIError ? 400 : 500;
        sendJsonError(
            response,
            status,
            known ? error.code : "ErrorUnknown",
            known ? error.message : "The request could not be handled.",
        );
    };
    app.use(lastResort);
    return app;
}

/** What the caller did wrong is a line; what went wrong here comes with its stack. */
function errorEntry(error: unknown): Record<string, unknown> {
    return error instanceof RequestError
        ? { level: "info", event: "request refused", code: error.code, message: error.message }
        : {
              level: "error",
              event: "request failed",
              message: error instanceof Error ? error.stack : String(error),
          };
}
