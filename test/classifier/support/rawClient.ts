import { connect, type Socket } from "node:net";

/** What a client saw until it had a complete answer or its connection was closed. */
export interface Outcome {
    /** Undefined if the connection was closed without an answer. */
    status?: number;
    head: string;
    body: string;
    /** Whether the server closed the connection. */
    closed: boolean;
}

/** A client that sends bytes as they are, so that it can be slow, break off, or talk nonsense. */
export interface RawClient {
    socket: Socket;
    send(piece: string | Buffer): void;
    /** Resolves when the server gives leave to send the body. */
    continued: Promise<void>;
    /** Resolves with the answer when it is complete, or with what there was when the connection was closed. */
    answer: Promise<Outcome>;
    /** Resolves when the connection is closed, by whomever. */
    closed: Promise<Outcome>;
}

export function dial(port: number): RawClient {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let text = "";
    // A reset is one way of closing; what was received before counts.
    socket.on("error", () => {});
    const continued = new Promise<void>((resolve) => {
        socket.on("data", (chunk) => {
            text += chunk.toString("latin1");
            if (text.startsWith("HTTP/1.1 100")) {
                text = text.slice(text.indexOf("\r\n\r\n") + 4);
                resolve();
            }
        });
    });
    const seen = (closed: boolean): Outcome => {
        const end = text.indexOf("\r\n\r\n");
        const [head, body] = end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end + 4)];
        const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
        return { status: status === undefined ? undefined : Number(status), head, body, closed };
    };
    const closed = new Promise<Outcome>((resolve) => {
        socket.on("close", () => resolve(seen(true)));
    });
    const complete = new Promise<Outcome>((resolve) => {
        socket.on("data", () => {
            const outcome = seen(false);
            const length = /content-length: (\d+)/i.exec(outcome.head)?.[1];
            if (length !== undefined && outcome.body.length >= Number(length)) {
                resolve(outcome);
            }
        });
    });
    return {
        socket,
        send: (piece) => void socket.write(piece),
        continued,
        answer: Promise.race([complete, closed]),
        closed,
    };
}

/** The head of a POST with a body of so many bytes. */
export function postHead(path: string, bytes: number, ...headers: string[]): string {
    return [`POST ${path} HTTP/1.1`, "Host: device", `Content-Length: ${bytes}`, ...headers, "", ""].join(
        "\r\n",
    );
}
