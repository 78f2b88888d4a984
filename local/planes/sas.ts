import { createHmac, timingSafeEqual } from "node:crypto";

/** What a SharedAccessSignature says, before anything of it is believed. */
export interface SasToken {
    /** The resource as it was sent, percent-encoded: what the signature covers. */
    encodedResource: string;
    /** `host[:port][/path]`, decoded. */
    resource: string;
    signature: string;
    /** Unix time in seconds. */
    expiry: number;
    /** Name of the service policy; absent in tokens of devices and modules. */
    policy?: string;
}

/** Signs a token as a client does: HMAC-SHA256 over the encoded resource and the expiry (learn: iot-hub-dev-guide-sas). */
export function signSas(options: {
    resource: string;
    /** base64 */
    key: string;
    expiresAt: Date;
    policy?: string;
}): string {
    const sr = encodeURIComponent(options.resource);
    const se = String(Math.floor(options.expiresAt.getTime() / 1000));
    const skn = options.policy === undefined ? "" : `&skn=${encodeURIComponent(options.policy)}`;
    return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(hmac(options.key, sr, se))}&se=${se}${skn}`;
}

/** Reads a token; undefined when it is none, names a field twice or carries one that no token has. */
export function parseSas(token: string): SasToken | undefined {
    const [, fields] = /^SharedAccessSignature (\S+)$/.exec(token) ?? [];
    if (fields === undefined) return undefined;
    const found = new Map<string, string>();
    for (const field of fields.split("&")) {
        const equals = field.indexOf("=");
        const name = field.slice(0, equals);
        if (equals < 0 || found.has(name) || !["sr", "sig", "se", "skn"].includes(name)) return undefined;
        found.set(name, field.slice(equals + 1));
    }
    const sr = found.get("sr");
    const sig = found.get("sig");
    const se = found.get("se");
    if (!sr || !sig || !se || !/^\d{1,15}$/.test(se)) return undefined;
    try {
        return {
            encodedResource: sr,
            resource: decodeURIComponent(sr),
            signature: decodeURIComponent(sig),
            expiry: Number(se),
            policy: found.has("skn") ? decodeURIComponent(found.get("skn") ?? "") : undefined,
        };
    } catch {
        // A percent sign that encodes nothing.
        return undefined;
    }
}

/** Whether one of `keys` (base64) signed the token and it has not expired; takes the same time for every wrong signature. */
export function isSignedBy(token: SasToken, keys: string[], now = new Date()): boolean {
    if (token.expiry * 1000 <= now.getTime()) return false;
    const given = Buffer.from(token.signature);
    return keys.some((key) => {
        const expected = Buffer.from(hmac(key, token.encodedResource, String(token.expiry)));
        return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

/** Whether a token for `resource` reaches `path` of the hub: the same hub, and the same path or one above it. */
export function covers(resource: string, hostName: string, path: string): boolean {
    const slash = resource.indexOf("/");
    const host = (slash < 0 ? resource : resource.slice(0, slash)).toLowerCase();
    const scope = slash < 0 ? "" : resource.slice(slash).replace(/\/$/, "");
    // The service SDK cannot name a port, so its tokens are for the bare host (measured with azure-iothub 1.16).
    const [bareHost] = hostName.toLowerCase().split(":");
    if (host !== hostName.toLowerCase() && host !== bareHost) return false;
    return path === scope || path.startsWith(`${scope}/`);
}

function hmac(key: string, encodedResource: string, expiry: string): string {
    return createHmac("sha256", Buffer.from(key, "base64"))
        .update(`${encodedResource}\n${expiry}`)
        .digest("base64");
}
