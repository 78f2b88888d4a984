import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { LogEntry } from "../log";

/** What Node's parser, or its clock, says of a request that it gave up. */
type Fault = NodeJS.ErrnoException & { reason?: string };

const STATUSES: Record<string, number> = {
    HPE_HEADER_OVERFLOW: 431,
    HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
    ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what cannot be read as a request with a sentence, where Node sends a bare status, and closes its connection.
 * Bytes that follow a complete request take nothing from its answer: firmware that counts a byte too little gets it,
 * as from the exported container.
 */
export function answerUnreadable(server: Server, log: (entry: LogEntry) => void): void {
    const answers = new WeakMap<object, ServerResponse>();
    for (const event of ["request", "checkContinue", "checkExpectation"]) {
        server.prependListener(event, ({ socket }, response) => answers.set(socket, response));
    }
    server.on("clientError", (fault: Fault, socket: Socket) => {
        const answer = answers.get(socket);
        const isAnswering = answer !== undefined && !answer.writableFinished;
        if (answer?.shouldKeepAlive === false && answer.writableEnded) {
            socket.destroySoon();
            return;
        }
        if (isAnswering && answer.req.complete && fault.code?.startsWith("HPE_")) {
            answer.shouldKeepAlive = false;
            answer.once("close", () => socket.destroySoon());
            return;
        }
        const status = STATUSES[fault.code ?? ""] ?? 400;
        const message = sentence(status, fault);
        if (message === undefined || !socket.writable || (isAnswering && answer.headersSent)) {
            socket.destroy(fault);
            return;
        }
        // Who ends its side halfway through has mostly left.
        if (fault.code !== "HPE_INVALID_EOF_STATE") {
            log({ level: "info", event: "unreadable request", status, message });
        }
        socket.write(plainAnswer(status, message));
        socket.destroySoon();
    });
}

/** Undefined where the connection itself failed. */
function sentence(status: number, { code = "", reason, message }: Fault): string | undefined {
    if (status === 408) {
        return "Expected the whole request in time, found only a part of it.";
    }
    return code.startsWith("HPE_")
        ? `Expected a request in HTTP/1.1, found one that cannot be read: ${reason ?? message}.`
        : undefined;
}

function plainAnswer(status: number, message: string): string {
    const body = JSON.stringify({ code: status === 408 ? "Timeout" : "BadRequest", message });
    return [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        "Content-Type: application/json; charset=utf-8",
        `Content-Length: ${Buffer.byteLength(body)}`,
        "Connection: close",
        "",
        body,
    ].join("\r\n");
}
