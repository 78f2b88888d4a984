import { readFileSync } from "node:fs";
import { request } from "node:https";
import { readEndpoints } from "../endpoints";
import { ArmError } from "./armError";

/** One call to the management endpoint of the local Azure in `folder`; throws an {@link ArmError} for a refusal. */
export function callManagement<T>(folder: string, method: string, path: string, body?: unknown): Promise<T> {
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
