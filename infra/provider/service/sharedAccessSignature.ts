import { createHmac } from "node:crypto";
import type { PolicyKey } from "./connectionString";

/** One hour, the lifetime that the service SDK gives its tokens. */
const lifetimeSeconds = 3600;

/** A shared access signature for the whole service, for the `Authorization` header. */
export function sharedAccessSignature(credential: PolicyKey, now = Date.now()): string {
    const resource = encodeURIComponent(credential.hostName);
    const expiry = Math.floor(now / 1000) + lifetimeSeconds;
    const signature = createHmac("sha256", Buffer.from(credential.key, "base64"))
        .update(`${resource}\n${expiry}`)
        .digest("base64");
    return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${credential.keyName}`;
}
