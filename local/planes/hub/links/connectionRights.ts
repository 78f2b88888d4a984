import { createHash } from "node:crypto";
import { covers, isSignedBy, parseSas, type SasToken } from "../../sas";
import type { SharedAccessPolicy } from "../../sharedAccessPolicy";
import { HubError } from "../errors";
import { type Authentication, type HubData, identityKey } from "../hubData";

/** How a device or module proves who it is: a token, or the certificate (DER) of its TLS connection. */
export type ConnectionProof = { sas: string } | { certificate: Buffer };

/**
 * Refuses with 401 an identity that is missing, disabled or not who it says. A device proves itself by its own key, by a
 * policy with DeviceConnect, or by a certificate of its thumbprint; a module by its own key or certificate too. Returns
 * when that ends, in milliseconds since 1970.
 */
export function connectionRights(
    data: HubData,
    hub: { hostName: string; policies: readonly SharedAccessPolicy[] },
    { deviceId, moduleId, proof }: { deviceId: string; moduleId?: string; proof: ConnectionProof },
): { expiresAt: number } {
    const device = data.devices.get(deviceId);
    const module = moduleId === undefined ? undefined : data.modules.get(identityKey(deviceId, moduleId));
    const identity = moduleId === undefined ? device : module;
    if (device?.status !== "enabled" || !identity) throw unauthorized();
    if ("certificate" in proof) {
        if (!isOfThumbprint(proof.certificate, identity.authentication)) throw unauthorized();
        return { expiresAt: Number.POSITIVE_INFINITY };
    }
    const token = parseSas(proof.sas);
    if (!token || !isSignedBy(token, [...keysFor(token)])) throw unauthorized();
    return { expiresAt: token.expiry * 1000 };

    /** The keys that may have signed `token`, by what it is for. */
    function* keysFor(token: SasToken): Iterable<string> {
        const devicePath = `/devices/${deviceId}`;
        const ownPath = moduleId === undefined ? devicePath : `${devicePath}/modules/${moduleId}`;
        if (token.policy !== undefined) {
            const policy = hub.policies.find(({ keyName }) => keyName === token.policy);
            const rights = policy?.rights.split(",").map((right) => right.trim());
            if (
                policy &&
                rights?.includes("DeviceConnect") &&
                covers(token.resource, hub.hostName, ownPath)
            ) {
                yield policy.primaryKey;
                yield policy.secondaryKey;
            }
            return;
        }
        // A device signs for itself, never for the whole hub.
        if (covers(token.resource, hub.hostName, "/devices")) return;
        if (covers(token.resource, hub.hostName, ownPath)) yield* keysOf(identity?.authentication);
        // The identity service of a real device gives its modules keys; here the device signs in their place.
        const hasOwnKey = module?.authentication.symmetricKey !== undefined;
        const isForDevice = covers(token.resource, hub.hostName, devicePath);
        if (module && (isForDevice || (!hasOwnKey && covers(token.resource, hub.hostName, ownPath)))) {
            yield* keysOf(device?.authentication);
        }
    }
}

function keysOf(authentication: Authentication | undefined): string[] {
    return Object.values(authentication?.symmetricKey ?? {});
}

/** Thumbprints are SHA-1 or SHA-256 of the whole certificate; who signed it does not matter. */
function isOfThumbprint(certificate: Buffer, { type, x509Thumbprint = {} }: Authentication): boolean {
    if (type !== "selfSigned") return false;
    const digests = ["sha1", "sha256"].map((name) => createHash(name).update(certificate).digest("hex"));
    return Object.values(x509Thumbprint).some((thumbprint) => digests.includes(thumbprint.toLowerCase()));
}

function unauthorized(): HubError {
    return new HubError("IotHubUnauthorizedAccess", "Unauthorized");
}
