import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Prediction } from "../predictions";
import { CONTAINER_ERROR, containerAnswer } from "./containerAnswer";
import { imageBody } from "./imageBody";
import { remoteImage } from "./remoteImage";
import { readBody } from "./requestBody";

/** Classifies an image with the model that a project or published name stands for, or else with the default one. */
export type ClassifyFor = (image: Uint8Array, names: (string | undefined)[]) => Promise<Prediction[]>;

/** The seven forms of a route of the exported container; those for detection run the same handler there too. */
function pathsOf(action: "image" | "url"): string[] {
    const published = ["classify", "detect"].map(
        (task) => `/:project/${task}/iterations/:publishedName/${action}`,
    );
    return [
        `/${action}`,
        ...[`/:project/${action}`, ...published].flatMap((path) => [path, `${path}/nostore`]),
    ];
}

/**
 * The routes of the exported container, with its odd details: failures are text, with status 500 for a posted image
 * and 200 for a URL. Two holes are closed: it reads no `file:` URL and no path in the field `imageData`.
 */
export function containerRoutes(classifyFor: ClassifyFor, reportError: (error: unknown) => void): Router {
    const router = Router({ caseSensitive: true, strict: true });
    const answerTo = (
        imageOf: (body: Buffer, contentType?: string) => Promise<Buffer>,
        failureStatus: number,
    ): RequestHandler => {
        return async (request, response) => {
            try {
                const image = await imageOf(await readBody(request), request.headers["content-type"]);
                const predictions = await classifyFor(image, namesIn(request));
                send(response, 200, "application/json", containerAnswer(predictions, nowInMicroseconds()));
            } catch (error) {
                reportError(error);
                send(response, failureStatus, "text/html; charset=utf-8", CONTAINER_ERROR);
            }
        };
    };
    router.get("/", (_request, response) => {
        send(response, 200, "text/html; charset=utf-8", "CustomVision.ai model host harness");
    });
    router.post(pathsOf("image"), answerTo(imageBody, 500));
    router.post(pathsOf("url"), answerTo(remoteImage, 200));
    router.all([...pathsOf("image"), ...pathsOf("url")], methodNotAllowed("OPTIONS, POST"));
    router.all("/", methodNotAllowed("GET, HEAD, OPTIONS"));
    return router;
}

function methodNotAllowed(allow: string): RequestHandler {
    return (request, response) => {
        response.setHeader("Allow", allow);
        if (request.method === "OPTIONS") {
            send(response, 200, "text/html; charset=utf-8", "");
        } else {
            sendPage(response, 405, "Method Not Allowed", "The method is not allowed for the requested URL.");
        }
    };
}

/** The page that the exported container's web server answers with where there is no route. */
export const notFound: RequestHandler = (_request, response) => {
    sendPage(
        response,
        404,
        "Not Found",
        "The requested URL was not found on the server. If you entered the URL manually please check your " +
            "spelling and try again.",
    );
};

function sendPage(response: Response, status: number, title: string, text: string): void {
    const page = `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`;
    send(response, status, "text/html; charset=utf-8", page);
}

// Not `response.send`: it would add a character set to the JSON type, and an ETag.
function send(response: Response, status: number, contentType: string, body: string): void {
    response.writeHead(status, { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) });
    response.end(body);
}

function namesIn({ params }: Request): (string | undefined)[] {
    return [params.project, params.publishedName].flat();
}

function nowInMicroseconds(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
