import type { RequestHandler, Router } from "express";
import { RequestError } from "../errors";

/** An address without scheme and host, which clients of a proxy write before its path. */
export function originForm(url: string): string {
    const rest = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
    return rest.startsWith("/") || rest === "*" ? rest : `/${rest}`;
}

/**
 * The path of a request as the exported container's web server reads it: decoded as far as it can be, slashes that
 * follow each other being one. Encoded again, so that each of its parts is decoded to what that server sees. A lone
 * `%` stands for itself, and bytes that are no UTF-8 for the character that says so.
 */
export function containerPath(url: string): string {
    const [path = ""] = url.split(/[?#]/, 1);
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

/** Refuses a path that cannot be decoded, for the routes that read it as it is written. */
export const refuseUndecodable: RequestHandler = (request, _response, next) => {
    try {
        decodeURIComponent(request.path);
    } catch (cause) {
        throw new RequestError(
            400,
            "BadRequest",
            "Expected an address with escapes of UTF-8, found others.",
            {
                cause,
            },
        );
    }
    next();
};
