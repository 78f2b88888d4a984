import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { deviceSchema } from "./deviceSchema";

type Inputs = z.output<typeof deviceSchema.inputs>;

/** An entry of the hub's identity registry (iothub-service Swagger 2021-04-12, `Device`). */
export interface DeviceIdentity {
    deviceId: string;
    etag: string;
    status?: string;
    statusReason?: string;
    capabilities?: { iotEdge?: boolean };
    authentication?: {
        type?: string;
        symmetricKey?: { primaryKey?: string | null; secondaryKey?: string | null };
        x509Thumbprint?: { primaryThumbprint?: string | null; secondaryThumbprint?: string | null };
    };
}

/** Whether an update has to write the identity, beside the tags of its twin. */
export function changesIdentity(before: Inputs, news: Inputs): boolean {
    const identity = ({ edge, symmetricKey, thumbprints, status }: Inputs) => ({
        edge,
        symmetricKey,
        thumbprints,
        status,
    });
    return !isDeepStrictEqual(identity(before), identity(news));
}

/** Undefined leaves the choice to the hub. */
export function wantedAuthentication({
    symmetricKey,
    thumbprints,
}: Inputs): DeviceIdentity["authentication"] {
    if (symmetricKey) return { type: "sas", symmetricKey };
    if (!thumbprints) return undefined;
    const [primaryThumbprint = "", secondaryThumbprint = primaryThumbprint] = thumbprints;
    return { type: "selfSigned", x509Thumbprint: { primaryThumbprint, secondaryThumbprint } };
}

/** The inputs that would write this identity; keys that the hub may have made only where keys are given. */
export function foundIdentity(
    identity: DeviceIdentity,
    named: Inputs,
    isKnown: boolean,
): Pick<Inputs, "edge" | "status" | "symmetricKey" | "thumbprints"> {
    return {
        edge: identity.capabilities?.iotEdge === true,
        status: identity.status === "disabled" ? "disabled" : "enabled",
        symmetricKey: undefined,
        thumbprints: undefined,
        ...foundAuthentication(identity, named, isKnown),
    };
}

/** Whatever somebody else has made of the keys or the certificate shows as a difference, which an update mends. */
function foundAuthentication(
    { deviceId, authentication = {} }: DeviceIdentity,
    named: Inputs,
    isKnown: boolean,
): Pick<Inputs, "symmetricKey" | "thumbprints"> {
    const { type, symmetricKey, x509Thumbprint } = authentication;
    if (type === "sas") {
        const { primaryKey, secondaryKey } = symmetricKey ?? {};
        return named.symmetricKey && primaryKey && secondaryKey
            ? { symmetricKey: { primaryKey, secondaryKey } }
            : {};
    }
    if (type !== "selfSigned" && !isKnown) {
        throw new Error(
            `Expected device "${deviceId}" to prove itself by keys or by thumbprints, found ${type}. ` +
                "Such a device cannot be imported.",
        );
    }
    // The same certificate may be named once or twice.
    if (isDeepStrictEqual(wantedAuthentication(named)?.x509Thumbprint, x509Thumbprint))
        return { thumbprints: named.thumbprints };
    const prints = [x509Thumbprint?.primaryThumbprint, x509Thumbprint?.secondaryThumbprint];
    return { thumbprints: [...new Set(prints.filter((print) => typeof print === "string"))] };
}
