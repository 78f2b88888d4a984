import { randomBytes } from "node:crypto";

/** A new symmetric key, base64: of 32 bytes, as hubs make them, or of as many as asked for. */
export function newSymmetricKey(bytes = 32): string {
    return randomBytes(bytes).toString("base64");
}

/** How many bytes a key has; undefined for what is no base64, which Node's decoder would pass over. */
export function symmetricKeyLength(key: string): number | undefined {
    const bytes = Buffer.from(key, "base64");
    return bytes.toString("base64") === key ? bytes.length : undefined;
}
