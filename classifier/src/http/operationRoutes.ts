import { Router } from "express";
import type { Metrics } from "../metrics";
import { send } from "./pages";

/** What an operator asks: is it alive, may it get requests, what does it serve, how much did it do. */
export function operationRoutes(isReady: () => boolean, info: () => unknown, metrics: Metrics): Router {
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
    return router;
}
