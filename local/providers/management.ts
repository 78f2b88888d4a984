import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { ArmResource } from "../azure/armResource";
import { ArmError, type Properties } from "../azure/resourceType";
import { readEndpoints } from "../endpoints";

/** ARM as a provider calls it. */
export interface Management {
    /** Undefined when the resource is not there. */
    find(id: string): Promise<ArmResource | undefined>;
    put(id: string, body: Partial<ArmResource>): Promise<ArmResource>;
    remove(id: string): Promise<void>;
    post(path: string): Promise<Properties>;
}

/** Calls the management endpoint of the local Azure whose folder is `folder`; throws an {@link ArmError} for refusals. */
export function managementClient(folder: string): Management {
    const call = <T>(method: string, path: string, body?: unknown) => send<T>(folder, method, path, body);
    return {
        find: async (id) =>
            call<ArmResource>("GET", id).catch((error) => {
                if (error instanceof ArmError && error.status === 404 && error.code.endsWith("NotFound"))
                    return undefined;
                throw error;
            }),
        put: (id, body) => call("PUT", id, body),
        remove: async (id) => void (await call("DELETE", id)),
        post: (path) => call("POST", path),
    };
}

function send<T>(folder: string, method: string, path: string, body: unknown): Promise<T> {
    const endpoints = readEndpoints(folder);
    return new Promise<T>((resolve, reject) => {
        const outgoing = request(
            `${endpoints.managementUrl}${path}`,
            {
                method,
                ca: readFileSync(endpoints.caFile),
                headers: {
                    Authorization: `Bearer ${endpoints.managementToken}`,
                    "Content-Type": "application/json",
                },
                agent: false,
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString("utf8");
                    const answer = text === "" ? undefined : JSON.parse(text);
                    const statusCode = response.statusCode ?? 0;
                    if (statusCode < 400) resolve(answer as T);
                    else {
                        const { code = String(statusCode), message = text } = answer?.error ?? {};
                        reject(new ArmError(statusCode, code, `Code="${code}" Message="${message}"`));
                    }
                });
            },
        );
        outgoing.on("error", (cause: Error) =>
            reject(
                new Error(
                    `Expected the local Azure to answer at ${endpoints.managementUrl}, found: ${cause.message}. ` +
                        "Start it with: npm run edge -- local start",
                    { cause },
                ),
            ),
        );
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
