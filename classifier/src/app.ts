import cors from "cors";
import express, { type ErrorRequestHandler, type Express } from "express";
import { RequestError } from "./errors";
import { notFound, sendJsonError } from "./http/answers";
import { CLOUD_VERSIONS } from "./http/cloudAnswer";
import { cloudRoutes } from "./http/cloudRoutes";
import { refuseUndecodable } from "./http/containerPath";
import { containerRoutes } from "./http/containerRoutes";
import { refuseAmbiguousFraming } from "./http/framing";
import { type Observers, observe, reporter } from "./http/observe";
import { operationRoutes } from "./http/operationRoutes";
import { createPredictor, type PredictorParts } from "./http/predictor";
import { requireKey } from "./http/requireKey";
import { uiRoute } from "./http/uiRoute";
import type { Info } from "./infoSchema";
import type { Metrics } from "./metrics";
import { builtInScorer } from "./score/builtInScorer";
import { moduleScorer } from "./score/moduleScorer";
import type { ScoreFor } from "./score/scoreBody";
import { scoreRoutes } from "./score/scoreRoutes";
import { type ScoringModule, withHooks } from "./score/scoringModule";

export interface AppParts extends PredictorParts, Observers {
    /** Reads the body of a request to `/score`. */
    scoreFor: ScoreFor;
    /** The limit of such a body. */
    maxScoreBytes: number;
    /** The user's code, if there is some: it takes part in classification, or answers `/score` itself. */
    scoringModule?: ScoringModule;
    /** How long that code may take for an answer. */
    deadlineMs: number;
    metrics: Metrics;
    /** One of these keys is required on scoring routes, if there are any. */
    keys: readonly string[];
    /** Web pages of these origins may call; `*` stands for all. */
    corsOrigins: readonly string[];
    /** Whether there is a page for people at `/ui`. */
    hasPage: boolean;
    /** Whether requests are to be sent here: false until a model answers and again while the service stops. */
    isReady: () => boolean;
    /** What `/info` answers. */
    info: () => Info;
}

/** The HTTP side of the service. It opens nothing: the models come as functions, and the caller listens. */
export function createApp(parts: AppParts): Express {
    const { keys, corsOrigins, isReady, info, log, metrics, scoringModule = {} } = parts;
    const app = express();
    const classifyFor = withHooks(parts.classifyFor, scoringModule);
    const predict = createPredictor({ ...parts, classifyFor });
    const reportError = reporter(log);
    const scorer = scoringModule.run
        ? moduleScorer(scoringModule, parts.deadlineMs)
        : builtInScorer({ ...parts, classifyFor }, reportError);
    app.disable("x-powered-by");
    app.disable("etag");
    app.use(observe(parts));
    app.use(refuseAmbiguousFraming);
    const authenticate = requireKey(keys);
    if (corsOrigins.length > 0) {
        app.use(
            cors({ origin: corsOrigins.includes("*") ? "*" : [...corsOrigins], methods: ["GET", "POST"] }),
        );
    }
    app.use("/customvision", refuseUndecodable);
    for (const version of CLOUD_VERSIONS) {
        app.use(
            `/customvision/${version}/prediction`,
            cloudRoutes(version, predict, authenticate, reportError),
        );
    }
    app.use(containerRoutes(predict, authenticate, reportError));
    app.all(/\/score$/, refuseUndecodable);
    app.use(scoreRoutes({ ...parts, scorer }, authenticate, reportError));
    app.use(operationRoutes({ isReady, info, metrics, isKeyed: keys.length > 0 }));
    if (parts.hasPage) {
        app.use(uiRoute());
    }
    app.use(notFound);
    const lastResort: ErrorRequestHandler = (cause, _request, response, next) => {
        // Express throws a URIError for a path with %E0 and the like.
        const error = cause instanceof URIError ? new RequestError(400, "BadRequest", cause.message) : cause;
        reportError(error, response);
        if (response.headersSent) {
            next(error);
            return;
        }
        const known = error instanceof RequestError;
        sendJsonError(
            response,
            known ? error.status : 500,
            known ? error.code : "ErrorUnknown",
            known ? error.message : "The request could not be handled.",
        );
    };
    app.use(lastResort);
    return app;
}
