import { createHmac } from "node:crypto";

/**
 * The key of one device of an enrollment group, base64: HMAC-SHA256 of its registration id with the group's key (learn:
 * "Symmetric key attestation", group enrollments). Registration ids count in lower case.
 */
export function derivedKey(groupKey: string, registrationId: string): string {
    return createHmac("sha256", Buffer.from(groupKey, "base64"))
        .update(registrationId.toLowerCase())
        .digest("base64");
}
