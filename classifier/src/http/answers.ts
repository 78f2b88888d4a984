import type { RequestHandler, Response } from "express";
import { endAfterDraining, hasUnreadBody } from "./drain";
import { refuseInTurn } from "./pacedRefusal";

const RETRY_AFTER_SECONDS = 1;

/** Answers, also where the request's body was not read; who is told to come back before it was, in turn. */
export function send(
    response: Response,
    status: number,
    contentType: string,
    body: string | Uint8Array,
): void {
    const write = () => sendNow(response, status, contentType, body);
    if (status === 503 && hasUnreadBody(response.req)) {
        refuseInTurn(response, write);
    } else {
        write();
    }
}

function sendNow(response: Response, status: number, contentType: string, body: string | Uint8Array): void {
    const unread = hasUnreadBody(response.req);
    // Not `response.send`: it would add a character set to the JSON type, and an ETag.
    response.writeHead(status, {
        "Content-Type": contentType,
        "Content-Length": Buffer.byteLength(body),
        ...(status === 503 && { "Retry-After": RETRY_AFTER_SECONDS }),
        ...(unread && { Connection: "close" }),
    });
    if (!unread) {
        response.end(body);
        return;
    }
    response.write(body);
    endAfterDraining(response.req, response);
}

/** An error as the cloud service and the operator's routes answer it. */
export function sendJsonError(response: Response, status: number, code: string, message: string): void {
    send(response, status, "application/json; charset=utf-8", JSON.stringify({ code, message }));
}

/** Answers OPTIONS, and any other method with the page of the exported container's web server. */
export function methodNotAllowed(allow: string): RequestHandler {
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
