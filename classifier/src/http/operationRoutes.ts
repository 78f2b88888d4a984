import { Router } from "express";
import type { Info } from "../infoSchema";
import type { Metrics } from "../metrics";
import { send } from "./answers";
import { openApi } from "./openapi";

export interface OperationParts {
    isReady: () => boolean;
    info: () => Info;
    metrics: Metrics;
    /** Whether scoring asks for a key, which the API's description says. */
    isKeyed: boolean;
}

/** What an operator asks: is it alive, may it get requests, what does it serve, how much did it do, what can it do. */
export function operationRoutes({ isReady, info, metrics, isKeyed }: OperationParts): Router {
    const router = Router();
    router.get("/health", (_request, response) => {
        response.json({ status: "alive" });
    });
    router.get("/ready", (_request, response) => {
        const ready = isReady();
        response.status(ready ? 200 : 503).json({ status: ready ? "ready" : "not ready" });
    });
    router.get("/info", (_request, response) => {
        response.json(info());
    });
    router.get("/metrics", async (_request, response) => {
        send(response, 200, metrics.contentType, await metrics.text());
    });
    router.get("/openapi.json", (_request, response) => {
        response.json(openApi({ version: info().service.version }, isKeyed));
    });
    return router;
}
