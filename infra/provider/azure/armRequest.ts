/** One request to Azure Resource Manager; `path` begins with `/subscriptions/`, and may have a query. */
export interface ArmRequest {
    readonly method: "GET" | "POST";
    readonly path: string;
    readonly apiVersion: string;
    readonly body?: unknown;
}

/** An answer that has arrived as a whole; one that breaks off is asked for again. */
export type Answer = Pick<Response, "status" | "ok" | "headers"> & { readonly text: string };

/** Sends a request to a URL as often as it needs, and answers when ARM does not refuse it. */
export type Send = (request: ArmRequest, url: string) => Promise<Answer>;
