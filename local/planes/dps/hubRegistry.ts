import { isDeepStrictEqual } from "node:util";
import { callJson } from "../../base/http/callJson";
import { signSas } from "../sas";
import type { LinkedHub } from "./settings";

const apiVersion = "2021-04-12";
/** How long a hub may take to answer, and a token lasts, in milliseconds. */
const patience = 30_000;

/** A hub that cannot be reached, or is too busy: a later try may do. */
export class HubBusy extends Error {}

/** What a device is to be in its hub. */
export interface WantedDevice {
    readonly authentication: { type: "sas"; symmetricKey: { primaryKey: string; secondaryKey: string } };
    readonly capabilities: { iotEdge: boolean };
}

/** The registry of a linked hub, over its REST interface. */
export interface HubRegistry {
    /** Whether the hub has the device. */
    has(deviceId: string): Promise<boolean>;
    /** Creates the device, or gives the one that is there these keys and capabilities; its twin stays. */
    write(deviceId: string, device: WantedDevice): Promise<void>;
    mergeTwin(deviceId: string, patch: object): Promise<void>;
}

/** Enters `hub` by its policy, as any client of the service does; `closing` ends calls under way. */
export function hubRegistry(hub: LinkedHub, caPem: string, closing: AbortSignal): HubRegistry {
    async function find(deviceId: string): Promise<(WantedDevice & { etag: string }) | undefined> {
        const { status, body } = await call("GET", devicePath(deviceId));
        return status === 404 ? undefined : (expectSuccess(status, body) as WantedDevice & { etag: string });
    }

    async function call(method: string, path: string, body?: object, ifMatch?: string) {
        // A timer of our own: AbortSignal.any holds its sources weakly, so an AbortSignal.timeout may be collected.
        const outOfTime = new AbortController();
        const timer = setTimeout(() => outOfTime.abort(), patience);
        const signal = AbortSignal.any([closing, outOfTime.signal]);
        const expiresAt = new Date(Date.now() + patience);
        const { hostName, keyName: policy, key } = hub;
        const answer = await callJson({
            url: `https://${hostName}${path}?api-version=${apiVersion}`,
            method,
            ca: caPem,
            authorization: signSas({ resource: hostName, key, policy, expiresAt }),
            headers: ifMatch === undefined ? {} : { "If-Match": ifMatch },
            body,
            signal,
        })
            .catch((cause) => {
                throw new HubBusy(`The hub ${hub.hostName} cannot be reached`, { cause });
            })
            .finally(() => clearTimeout(timer));
        if (answer.status !== 429 && answer.status < 500) return answer;
        throw new HubBusy(`The hub ${hub.hostName} answered ${answer.status}`);
    }

    function expectSuccess(status: number, body: unknown): unknown {
        if (status < 300) return body;
        const { Message, message } = (body ?? {}) as { Message?: string; message?: string };
        throw new Error(
            `Expected the hub ${hub.hostName} to take the device, found ${status}: ${Message ?? message}`,
        );
    }

    return {
        has: async (deviceId) => (await find(deviceId)) !== undefined,
        async write(deviceId, wanted) {
            const existing = await find(deviceId);
            const device = { ...existing, deviceId, ...wanted };
            // What is as it should be stays untouched, with its ETag.
            if (existing && isDeepStrictEqual(existing, device)) return;
            const { status, body } = await call(
                "PUT",
                devicePath(deviceId),
                device,
                existing && `"${existing.etag}"`,
            );
            expectSuccess(status, body);
        },
        async mergeTwin(deviceId, patch) {
            const { status, body } = await call("PATCH", `/twins/${encodeURIComponent(deviceId)}`, patch);
            expectSuccess(status, body);
        },
    };
}

function devicePath(deviceId: string): string {
    return `/devices/${encodeURIComponent(deviceId)}`;
}
