import { z } from "zod";
import type { Json } from "../../../base/mergePatch";
import { parseBody } from "../body";
import { HubError } from "../errors";
import type { MethodResult, ModuleLinks } from "./moduleLinks";

/** A direct method as the service is asked for it; times in seconds. */
export interface MethodCall {
    methodName: string;
    payload: Json;
    responseTimeoutInSeconds: number;
    connectTimeoutInSeconds: number;
}

/** The service takes payloads of up to 128 KB, and a response within 5 to 300 s (learn: iot-hub-devguide-direct-methods). */
const largestPayload = 128 * 1024;

const methodBody = z.strictObject({
    methodName: z.string().regex(/^[^/?#+\s]{1,128}$/),
    payload: z.json().optional(),
    responseTimeoutInSeconds: z.int().min(5).max(300).nullish(),
    connectTimeoutInSeconds: z.int().min(0).max(300).nullish(),
});

export function parseMethodCall(body: unknown): MethodCall {
    const { methodName, payload = null, ...times } = parseBody(methodBody, body);
    const responseTimeoutInSeconds = times.responseTimeoutInSeconds ?? 30;
    const connectTimeoutInSeconds = times.connectTimeoutInSeconds ?? 0;
    if (connectTimeoutInSeconds > responseTimeoutInSeconds) {
        throw new HubError(
            "ArgumentInvalid",
            `BadRequest: connectTimeoutInSeconds is ${connectTimeoutInSeconds}, more than responseTimeoutInSeconds, ${responseTimeoutInSeconds}`,
        );
    }
    const bytes = Buffer.byteLength(JSON.stringify(payload));
    if (bytes > largestPayload) {
        throw new HubError(
            "MessageTooLarge",
            `The payload is ${bytes} bytes, more than the limit of ${largestPayload}`,
        );
    }
    return { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds };
}

/**
 * Calls a direct method of the device or module `key`. Refuses with `DeviceNotOnline` one that is not connected, or does
 * not listen for methods, within the connect time-out, and with `GatewayTimeout` one that does not answer in time.
 */
export async function invokeMethod(links: ModuleLinks, key: string, call: MethodCall): Promise<MethodResult> {
    const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = call;
    const began = Date.now();
    const handler = await links.methodHandler(key, connectTimeoutInSeconds * 1000);
    if (!handler) {
        throw new HubError(
            "DeviceNotOnline",
            "The operation failed because the requested device isn't online. To learn more, see https://aka.ms/iothub404103",
        );
    }
    const rest = Math.max(0, began + responseTimeoutInSeconds * 1000 - Date.now());
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), rest).unref();
    try {
        const late = new Promise<never>((_, reject) => {
            timeout.signal.addEventListener("abort", () =>
                reject(new HubError("GatewayTimeout", "Timed out waiting for the response from device.")),
            );
        });
        const { status, payload: answer } = await Promise.race([
            handler(methodName, payload, timeout.signal),
            late,
        ]);
        return { status, payload: answer };
    } finally {
        clearTimeout(timer);
    }
}
