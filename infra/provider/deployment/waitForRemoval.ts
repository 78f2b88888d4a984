import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceClient } from "../service/serviceClient";
import { found } from "../service/serviceError";

/** How long a device is given to take its modules off: Docker lets each of them end for ten seconds, in milliseconds. */
const patienceMs = 60_000;
const firstPauseMs = 250;
const longestPauseMs = 5000;

/** The part of the $edgeAgent twin that tells how far the device has followed. */
interface AgentTwin {
    readonly connectionState?: string;
    readonly properties: {
        readonly desired: { readonly $version: number };
        readonly reported: {
            readonly lastDesiredVersion?: number;
            readonly lastDesiredStatus?: { readonly code?: number; readonly description?: string };
        };
    };
}

/**
 * Waits until a device reports that it has followed the manifest without modules, a minute at most, because its identity may
 * go right after and then nobody reaches it any more. Answers a sentence on what was not confirmed; undefined where all
 * was, or where nothing has ever run.
 */
export async function waitForRemoval(hub: ServiceClient, deviceId: string): Promise<string | undefined> {
    const path = `/twins/${encodeURIComponent(deviceId)}/modules/$edgeAgent`;
    const begun = performance.now();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
        const twin = await found(hub.call<AgentTwin>({ method: "GET", path }));
        if (!twin) return undefined;
        const { desired, reported } = twin.properties;
        if (reported.lastDesiredVersion === undefined) return undefined;
        const { code, description } = reported.lastDesiredStatus ?? {};
        if (reported.lastDesiredVersion === desired.$version) {
            if (code === 200) return undefined;
            return unconfirmed(
                deviceId,
                `reports ${code ?? "no status"}${description ? `: ${description}` : ""}`,
            );
        }
        if (twin.connectionState !== "Connected") return unconfirmed(deviceId, "is not connected");
        if (performance.now() - begun + pauseMs > patienceMs)
            return unconfirmed(deviceId, `has not reported it within ${patienceMs / 1000} s`);
        await sleep(pauseMs);
    }
}

function unconfirmed(deviceId: string, what: string): string {
    return (
        `Warning: expected ${deviceId} to take its modules off, found that it ${what}. It may go on running them: ` +
        "look there with iotedge list, and end them with iotedge system stop, docker rm --force MODULE."
    );
}
