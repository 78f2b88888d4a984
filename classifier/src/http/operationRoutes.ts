import { Router } from "express";

/** What an operator asks: is it alive, may it get requests, what does it serve. */
export function operationRoutes(isReady: () => boolean, info: () => unknown): Router {
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
    return router;
}
