import express, { type ErrorRequestHandler, type Express } from "express";
import { RequestError } from "./errors";
import { type ClassifyFor, containerRoutes, notFound } from "./http/containerRoutes";

export interface AppParts {
    classifyFor: ClassifyFor;
    /** Whether requests are to be sent here: false until a model answers and again while the service stops. */
    isReady: () => boolean;
    log: (entry: Record<string, unknown>) => void;
}

/** The HTTP side of the service. It opens nothing: the model comes as a function, the port from whoever listens. */
export function createApp({ classifyFor, isReady, log }: AppParts): Express {
    const app = express();
    app.disable("x-powered-by");
    app.enable("strict routing");
    app.enable("case sensitive routing");
    app.use(containerRoutes(classifyFor, (error) => log(errorEntry(error))));
    app.get("/health", (_request, response) => {
        response.json({ status: "alive" });
    });
    app.get("/ready", (_request, response) => {
        response.status(isReady() ? 200 : 503).json({ status: isReady() ? "ready" : "not ready" });
    });
    app.use(notFound);
    const lastResort: ErrorRequestHandler = (error, _request, response, next) => {
        log(errorEntry(error));
        if (response.headersSent) {
            next(error);
        } else {
            response
                .status(error instanceof URIError ? 400 : 500)
                .type("text/plain")
                .send("Internal error");
        }
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
