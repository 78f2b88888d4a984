import type { RequestHandler, Router } from "express";

/**
 * The path of a request as the exported container's web server reads it: decoded as far as it can be, slashes that
 * follow each other being one. Encoded again, so that each of its parts is decoded to what that server sees. A lone
 * `%` stands for itself, and bytes that are no UTF-8 for the character that says so.
 */
export function containerPath(url: string): string {
    const [path = ""] = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "").split(/[?#]/, 1);
    const decoded = path.replace(/(?:%[\da-f]{2})+/gi, (bytes) =>
        Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"),
    );
    return `/${decoded}`.replace(/\/+/g, "/").split("/").map(encodeURIComponent).join("/");
}

/** Makes a router of the container's routes find them by {@link containerPath}; others see the path as it came. */
export function withContainerPaths(router: Router, addRoutes: (router: Router) => void): Router {
    const rewrite: RequestHandler = (request, _response, next) => {
        request.url = containerPath(request.url);
        next();
    };
    const restore: RequestHandler = (request, _response, next) => {
        request.url = request.originalUrl;
        next();
    };
    router.use(rewrite);
    addRoutes(router);
    return router.use(restore);
}
