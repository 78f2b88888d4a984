import type { ArmCall } from "./armAzure";

/** Calls ARM at `baseUrl`, such as `https://management.azure.com`, with a token that is asked for each time. */
export function armCall(baseUrl: string, token: () => Promise<string>): ArmCall {
    return async (method, path, body) => {
        const response = await fetch(`${baseUrl}${path}`, {
            method,
            headers: {
                Authorization: `Bearer ${await token()}`,
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        if (response.ok) return text === "" ? undefined : JSON.parse(text);
        const [place] = path.split("?");
        throw new Error(
            `Expected Azure to answer ${method} ${place}, found ${response.status}: ${text.slice(0, 300)}`,
        );
    };
}
