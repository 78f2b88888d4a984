import type { z } from "zod";
import type { CheckFailure } from "../../../provider-protocol/provider";
import { defineResource, type Work } from "../resourceType";
import { deviceConnectionString } from "../service/connectionString";
import type { ServiceClient } from "../service/serviceClient";
import { found, onCurrentVersion, ServiceError } from "../service/serviceError";
import { changesIdentity, type DeviceIdentity, foundIdentity, wantedAuthentication } from "./deviceIdentity";
import { deviceSchema } from "./deviceSchema";
import { readTags, tagFailures, writeTags } from "./twinTags";

type Inputs = z.output<typeof deviceSchema.inputs>;
type Outputs = z.output<typeof deviceSchema.outputs>;

export const device = defineResource(deviceSchema, {
    check({ symmetricKey, thumbprints, tags }: Partial<Inputs>): CheckFailure[] {
        const failures = tagFailures(tags);
        if (symmetricKey === undefined || thumbprints === undefined) return failures;
        const reason = "Expected either symmetricKey or thumbprints, found both. Remove one of them.";
        return [...failures, { property: "thumbprints", reason }];
    },

    /** One that exists is taken over, with the keys that the hub made for it, only if this very resource made it. */
    async create(inputs: Inputs, work: Work) {
        const hub = await work.service();
        const body = {
            deviceId: inputs.deviceId,
            capabilities: { iotEdge: inputs.edge },
            status: inputs.status,
            statusReason: work.owner,
            authentication: wantedAuthentication(inputs) ?? { type: "sas" },
        };
        const path = devicePath(inputs.deviceId);
        const identity = await hub.call<DeviceIdentity>({ method: "PUT", path, body }).catch((error) => {
            if (error instanceof ServiceError && error.status === 409) return takeOver(hub, inputs, work);
            throw error;
        });
        await writeTags(hub, inputs.deviceId, {}, inputs.tags ?? {});
        return outputs(hub, inputs, identity);
    },

    async read(named: Inputs, before: (Inputs & Outputs) | undefined, work: Work) {
        const hub = await work.service();
        const { deviceId } = named;
        const identity = await found(hub.call<DeviceIdentity>({ method: "GET", path: devicePath(deviceId) }));
        if (!identity) return undefined;
        const { tags: _, ...untagged } = named;
        const inputs: Inputs = {
            ...untagged,
            ...foundIdentity(identity, named, before !== undefined),
            ...(await foundTags(hub, deviceId, before)),
        };
        const now = outputs(hub, inputs, identity);
        // Keys that the stack gives are written again by the next update.
        const isOfHub = !named.symmetricKey && !inputs.thumbprints;
        if (isOfHub && before?.primaryKey && now.primaryKey !== before.primaryKey)
            work.say(renewed(deviceId));
        return { inputs, outputs: now };
    },

    /**
     * The identity is read and written back with its keys, because a body without them makes the hub mint new ones; only
     * another way to authenticate replaces them.
     */
    async update(before: Inputs & Outputs, news: Inputs, work: Work) {
        const hub = await work.service();
        const identity = await onCurrentVersion(async () => {
            const path = devicePath(news.deviceId);
            const current = await hub.call<DeviceIdentity>({ method: "GET", path });
            return changesIdentity(before, news) ? write(hub, current, before, news) : current;
        });
        await writeTags(hub, news.deviceId, before.tags ?? {}, news.tags ?? {});
        return outputs(hub, news, identity);
    },

    async delete({ deviceId }: Inputs, work: Work) {
        const hub = await work.service();
        await hub.call({ method: "DELETE", path: devicePath(deviceId), ifMatch: "*" });
    },
});

function write(
    hub: ServiceClient,
    identity: DeviceIdentity,
    before: Inputs,
    news: Inputs,
): Promise<DeviceIdentity> {
    const wanted = wantedAuthentication(news);
    // Back from keys of the stack's, or from a certificate, to keys of the hub's own making.
    const returns = !wanted && wantedAuthentication(before) ? { type: "sas" } : undefined;
    return hub.call<DeviceIdentity>({
        method: "PUT",
        path: devicePath(identity.deviceId),
        body: {
            ...identity,
            capabilities: { ...identity.capabilities, iotEdge: news.edge },
            status: news.status,
            authentication: wanted ?? returns ?? identity.authentication,
        },
        ifMatch: `"${identity.etag}"`,
    });
}

/** Of a device that the stack knows, the tags that are the stack's; of one that is imported, all. */
async function foundTags(
    hub: ServiceClient,
    deviceId: string,
    before?: Inputs,
): Promise<Pick<Inputs, "tags">> {
    if (before && !before.tags) return {};
    const tags = await readTags(hub, deviceId, before?.tags);
    return before || Object.keys(tags).length > 0 ? { tags } : {};
}

/** The creation that was interrupted may have asked for something else. */
function takeOver(hub: ServiceClient, inputs: Inputs, work: Work): Promise<DeviceIdentity> {
    const { deviceId, edge } = inputs;
    return onCurrentVersion(async () => {
        const identity = await hub.call<DeviceIdentity>({ method: "GET", path: devicePath(deviceId) });
        const isOurs = identity.statusReason === work.owner && identity.capabilities?.iotEdge === edge;
        if (!isOurs) {
            throw new Error(
                `Expected the hub to have no device "${deviceId}" yet, found one that this stack did not create. ` +
                    "Choose another name (pulumi config set deviceId NAME), delete that device, or import it: pulumi import iotedge:index:Device.",
            );
        }
        const before = { ...inputs, ...foundIdentity(identity, inputs, true) };
        return changesIdentity(before, inputs) ? write(hub, identity, before, inputs) : identity;
    });
}

function outputs(hub: ServiceClient, inputs: Inputs, identity: DeviceIdentity): Outputs {
    const { hostName: hubHostName } = hub;
    const { deviceId } = inputs;
    if (inputs.thumbprints) {
        const connectionString = `HostName=${hubHostName};DeviceId=${deviceId};x509=true`;
        return { hubHostName, primaryKey: "", secondaryKey: "", connectionString };
    }
    const { primaryKey, secondaryKey } = identity.authentication?.symmetricKey ?? {};
    if (!primaryKey) {
        throw new Error(
            `Expected device "${deviceId}" to have a symmetric key, found none. ` +
                "Delete the device in the hub and repeat the command.",
        );
    }
    return {
        hubHostName,
        primaryKey,
        secondaryKey: secondaryKey ?? "",
        connectionString: deviceConnectionString(hubHostName, deviceId, primaryKey),
    };
}

/** The device itself was set up with the key of before, and keeps it until somebody gives it the other. */
function renewed(deviceId: string): string {
    return (
        `Warning: expected the key that ${deviceId} was set up with, found another one in the hub. It cannot connect before it ` +
        "has that. Run pulumi up, which makes a machine of the stack anew; set an existing device up again with: " +
        "npm run edge -- device install-script"
    );
}

function devicePath(deviceId: string): string {
    return `/devices/${encodeURIComponent(deviceId)}`;
}
