import { request } from "node:https";
import { text } from "node:stream/consumers";

/** One call over TLS, with a body in JSON or none. */
export interface JsonCall {
    readonly url: string;
    readonly method: string;
    /** The authority that the server's certificate is from, PEM. */
    readonly ca: string;
    readonly authorization: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: object;
    readonly signal: AbortSignal;
}

/** What came back; no body is undefined. */
export interface JsonAnswer {
    readonly status: number;
    readonly body: unknown;
}

/** Makes a call on a connection of its own, which `signal` ends. */
export function callJson({
    url,
    method,
    ca,
    authorization,
    headers,
    body,
    signal,
}: JsonCall): Promise<JsonAnswer> {
    return new Promise((resolve, reject) => {
        const outgoing = request(
            url,
            {
                method,
                ca,
                agent: false,
                signal,
                headers: {
                    Authorization: authorization,
                    "Content-Type": "application/json",
                    ...headers,
                },
            },
            (response) => {
                const status = response.statusCode ?? 0;
                text(response)
                    .then((answer) => ({ status, body: answer === "" ? undefined : JSON.parse(answer) }))
                    .then(resolve, reject);
            },
        );
        outgoing.on("error", reject);
        outgoing.end(body && JSON.stringify(body));
    });
}
