import { randomInt } from "node:crypto";
import { z } from "zod";
import { authenticationBody } from "./authentication";

/** The time that stands for "not yet" in identities and twins. */
export const never = "0001-01-01T00:00:00Z";

/** What a new identity of a device or module starts with; the counters begin anywhere, as the service's do. */
export function newIdentity(deviceId: string) {
    const ticks = BigInt(Date.now()) * 10_000n + 621_355_968_000_000_000n + BigInt(randomInt(10_000));
    return {
        deviceId,
        generationId: String(ticks),
        revision: randomInt(100_000_000, 900_000_000),
        connectionStateUpdatedTime: never,
        lastActivityTime: never,
    };
}

/** What the bodies of devices and modules have in common. */
export const identityFields = {
    deviceId: z.string().nullish(),
    authentication: authenticationBody.nullish(),
    generationId: z.string().nullish(),
    etag: z.string().nullish(),
    connectionState: z.string().nullish(),
    connectionStateUpdatedTime: z.string().nullish(),
    lastActivityTime: z.string().nullish(),
    cloudToDeviceMessageCount: z.number().nullish(),
};
