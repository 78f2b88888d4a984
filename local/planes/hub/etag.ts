import { namesEtag } from "../ifMatch";
import { HubError, type HubErrorName } from "./errors";

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

/** Refuses with 412 unless `ifMatch` names `etag`. */
export function checkIfMatch(ifMatch: string, etag: string): void {
    if (namesEtag(ifMatch, etag)) return;
    throw new HubError(
        "PreconditionFailed",
        `Precondition failed: ETag mismatch, the current one is "${etag}"`,
    );
}

/** Refuses a PUT where it is not allowed: without If-Match it only creates, with it it only replaces what it names. */
export function checkWrite(
    ifMatch: string | undefined,
    existing: { revision: number } | undefined,
    refusals: { key: string; exists: HubErrorName; missing: HubErrorName },
): void {
    if (ifMatch === undefined && existing) throw new HubError(refusals.exists, refusals.key);
    if (ifMatch === undefined) return;
    if (!existing) throw new HubError(refusals.missing, refusals.key);
    checkIfMatch(ifMatch, identityEtag(existing.revision));
}

/** Refuses a DELETE without If-Match, which the service demands, or with one that names another ETag. */
export function checkDelete(ifMatch: string | undefined, { revision }: { revision: number }): void {
    if (ifMatch === undefined) throw new HubError("PreconditionFailed", "Precondition failed: Etag missing");
    checkIfMatch(ifMatch, identityEtag(revision));
}
