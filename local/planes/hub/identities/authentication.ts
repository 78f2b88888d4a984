import { z } from "zod";
import { newSymmetricKey, symmetricKeyLength } from "../../symmetricKey";
import { HubError } from "../errors";
import type { Authentication } from "../hubData";

/** How a request states the authentication of an identity: what is left out is null, absent or empty. */
export const authenticationBody = z.strictObject({
    type: z.enum(["sas", "selfSigned", "certificateAuthority", "none"]).nullish(),
    symmetricKey: z
        .strictObject({ primaryKey: z.string().nullish(), secondaryKey: z.string().nullish() })
        .nullish(),
    x509Thumbprint: z
        .strictObject({ primaryThumbprint: z.string().nullish(), secondaryThumbprint: z.string().nullish() })
        .nullish(),
});

/**
 * The authentication an identity gets. Every write states it in full: without keys new ones are made, also for an
 * identity that had some, which cuts off the device that knows the old ones (so does the service).
 */
export function authenticationFrom(
    body: z.infer<typeof authenticationBody> | null | undefined,
): Authentication {
    const type = body?.type ?? (body?.x509Thumbprint?.primaryThumbprint ? "selfSigned" : "sas");
    if (type === "sas") return { type, symmetricKey: keysFrom(body?.symmetricKey) };
    if (type !== "selfSigned") return { type };
    const primaryThumbprint = thumbprint(body?.x509Thumbprint?.primaryThumbprint);
    const secondaryThumbprint = thumbprint(body?.x509Thumbprint?.secondaryThumbprint);
    return {
        type,
        x509Thumbprint: {
            ...(primaryThumbprint && { primaryThumbprint }),
            ...(secondaryThumbprint && { secondaryThumbprint }),
        },
    };
}

function keysFrom(stated: { primaryKey?: string | null; secondaryKey?: string | null } | null | undefined) {
    const primaryKey = stated?.primaryKey;
    const secondaryKey = stated?.secondaryKey;
    if (!primaryKey && !secondaryKey)
        return { primaryKey: newSymmetricKey(), secondaryKey: newSymmetricKey() };
    if (!primaryKey || !secondaryKey)
        throw new HubError("ArgumentInvalid", "Either no keys or both keys can be set");
    for (const key of [primaryKey, secondaryKey]) checkKey(key);
    return { primaryKey, secondaryKey };
}

function checkKey(key: string): void {
    const length = symmetricKeyLength(key);
    if (length === undefined) throw new HubError("ArgumentInvalid", "Device key is not base64");
    if (length < 16 || length > 64) {
        throw new HubError(
            "ArgumentInvalid",
            `Invalid device key length: ${length} bytes, expected 16 to 64`,
        );
    }
}

function thumbprint(value: string | null | undefined): string | undefined {
    if (!value) return undefined;
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)) {
        throw new HubError("ArgumentInvalid", "StringIsNotThumbprint: expected 40 or 64 hexadecimal digits");
    }
    return value;
}
