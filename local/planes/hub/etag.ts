import { HubError } from "./errors";

/** An identity's ETag: a counter in base64, as the service's are (measured: `ODAxMjMyNDI2`). */
export function identityEtag(revision: number): string {
    return Buffer.from(String(revision)).toString("base64");
}

/** A twin's ETag: its version as eight bytes in base64 (measured: `AAAAAAAAAAE=`). */
export function twinEtag(version: number): string {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(version));
    return bytes.toString("base64");
}

/** Refuses with 412 unless `ifMatch` is `*` or names `etag`; the service takes ETags with and without quotes. */
export function checkIfMatch(ifMatch: string, etag: string): void {
    const wanted = ifMatch.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
    if (wanted === "*" || wanted === etag) return;
    throw new HubError(
        "PreconditionFailed",
        `Precondition failed: ETag mismatch, the current one is "${etag}"`,
    );
}
