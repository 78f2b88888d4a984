import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** The ways in which a call fails; a connection is cut before the work or after it, when only the answer is lost. */
export const failures = ["throttled", "unavailable", "cut before", "cut after"] as const;

/** What befalls a call: a failure, or an answer that comes late. */
export type Fault = (typeof failures)[number] | "slow";

/** Asked before a call is answered, which `call` names, such as `GET /devices/d`. */
export type FaultSource = (call: string) => Fault | undefined;

/** How late a slow answer comes, in milliseconds. */
const lateness = 1000;

/** Answers that a service is too busy, or down, in the service's own form. */
export type Refuse = (fault: "throttled" | "unavailable", response: ServerResponse) => void;

/** Lets what `next` decides befall the requests on their way to `listener`; slow answers come `late` milliseconds later. */
export function underFaults(
    next: FaultSource | undefined,
    refuse: Refuse,
    listener: (request: IncomingMessage, response: ServerResponse) => void,
    late = lateness,
): RequestListener {
    if (!next) return listener;
    return (request, response) => {
        const fault = next(`${request.method} ${request.url}`);
        switch (fault) {
            case "throttled":
            case "unavailable":
                return refuse(fault, response);
            case "cut before":
                request.socket.destroy();
                return;
            case "cut after":
                return listener(request, unheard(response));
            case "slow":
                setTimeout(listener, late, request, response).unref();
                return;
            default:
                return listener(request, response);
        }
    };
}

/** Nothing of the answer goes out; where it would end, the connection does. */
function unheard(response: ServerResponse): ServerResponse {
    const cut = () => {
        response.socket?.destroy();
        return response;
    };
    return Object.assign(response, { write: () => true, flushHeaders: () => {}, end: cut });
}
