import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { RequestError } from "../errors";

/**
 * Lets only requests pass that carry one of the keys, as `Prediction-Key` or as `Authorization: Bearer`. Two keys can
 * be valid at a time, so that they can be changed without a gap. Without keys every request passes, as it does in the
 * exported container, which ignores the header.
 */
export function requireKey(keys: readonly string[]): RequestHandler {
    const digests = keys.map(digest);
    return (request, response, next) => {
        const given = request.header("prediction-key") ?? bearerToken(request.header("authorization"));
        // Every key is compared, digests in constant time: how long it takes tells nothing about them.
        const matches = digests.filter((key) => timingSafeEqual(key, digest(given ?? "")));
        if (digests.length === 0 || (given && matches.length > 0)) {
            next();
            return;
        }
        response.setHeader("WWW-Authenticate", "Bearer");
        next(
            new RequestError(
                401,
                "Unauthorized",
                `Expected one of the service's keys in Prediction-Key or Authorization: Bearer, got ${given ? "another" : "none"}.`,
            ),
        );
    };
}

function digest(key: string): Buffer {
    return createHash("sha256").update(key).digest();
}

function bearerToken(authorization = ""): string | undefined {
    return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}
