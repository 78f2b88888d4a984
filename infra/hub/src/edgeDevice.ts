import { deviceConnectionString, parseConnectionString } from "./connectionString";
import { type HubClient, HubError, hubClient, isNotFound } from "./hubClient";

/** What the stack asks for. */
export interface EdgeDeviceInputs {
    hubConnectionString: string;
    deviceId: string;
    /** Written into the identity, so that an interrupted creation is recognised as ours when it is repeated. */
    owner: string;
}

/** The inputs, and the identity's key and connection string, which are secrets. */
export interface EdgeDeviceOutputs extends EdgeDeviceInputs {
    /** base64 */
    primaryKey: string;
    connectionString: string;
}

interface DeviceIdentity {
    deviceId: string;
    etag: string;
    statusReason?: string;
    capabilities?: { iotEdge?: boolean };
    authentication?: { symmetricKey?: { primaryKey?: string | null } };
}

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A changed device id or another hub is another identity; any other change is an update. */
export async function diff(_id: string, olds: EdgeDeviceOutputs, news: EdgeDeviceInputs) {
    const replaces: string[] = [];
    if (olds.deviceId !== news.deviceId) replaces.push("deviceId");
    if (hubMoved(olds.hubConnectionString, news.hubConnectionString)) replaces.push("hubConnectionString");
    const changes =
        replaces.length > 0 ||
        olds.hubConnectionString !== news.hubConnectionString ||
        olds.owner !== news.owner;
    // The same device id cannot exist twice in one hub, and is not taken in another.
    return { changes, replaces, deleteBeforeReplace: false };
}

/** True when both strings are known and name different hubs. */
export function hubMoved(before: string, after: string): boolean {
    if (before === unknown || after === unknown) return false;
    return parseConnectionString(before).hostName !== parseConnectionString(after).hostName;
}

/** Creates the identity with keys of the hub's own making. One that exists is taken over only if this stack made it. */
export async function create(inputs: EdgeDeviceInputs) {
    const hub = hubClient(inputs.hubConnectionString);
    const identity = await hub<DeviceIdentity>({
        method: "PUT",
        path: devicePath(inputs.deviceId),
        body: {
            deviceId: inputs.deviceId,
            capabilities: { iotEdge: true },
            status: "enabled",
            statusReason: inputs.owner,
            authentication: { type: "sas" },
        },
    }).catch((error) => {
        if (error instanceof HubError && error.status === 409) return takeOver(hub, inputs);
        throw error;
    });
    return { id: inputs.deviceId, outs: outputs(inputs, identity) };
}

/** Reads the identity; an empty id tells the engine that it is gone. */
export async function read(id: string, props: EdgeDeviceOutputs) {
    const identity = await find(hubClient(props.hubConnectionString), id);
    if (!identity?.capabilities?.iotEdge) return { id: "", props: {} };
    const { hubConnectionString, deviceId, owner } = props;
    const inputs = { hubConnectionString, deviceId, owner };
    return { id, props: outputs(inputs, identity), inputs };
}

/** Writes the owner; keys are read and written back, because a body without them makes the hub mint new ones. */
export async function update(id: string, olds: EdgeDeviceOutputs, news: EdgeDeviceInputs) {
    const hub = hubClient(news.hubConnectionString);
    const identity = await hub<DeviceIdentity>({ method: "GET", path: devicePath(id) });
    if (olds.owner === news.owner) return { outs: outputs(news, identity) };
    const updated = await hub<DeviceIdentity>({
        method: "PUT",
        path: devicePath(id),
        body: { ...identity, statusReason: news.owner },
        ifMatch: `"${identity.etag}"`,
    });
    return { outs: outputs(news, updated) };
}

/** Deletes the identity; one that is gone already counts as deleted. Named `remove` because `delete` is a keyword. */
export async function remove(id: string, props: EdgeDeviceOutputs): Promise<void> {
    await hubClient(props.hubConnectionString)({
        method: "DELETE",
        path: devicePath(id),
        ifMatch: "*",
    }).catch((error) => {
        if (!isNotFound(error)) throw error;
    });
}

async function takeOver(hub: HubClient, inputs: EdgeDeviceInputs): Promise<DeviceIdentity> {
    const identity = await hub<DeviceIdentity>({ method: "GET", path: devicePath(inputs.deviceId) });
    if (identity.statusReason === inputs.owner && identity.capabilities?.iotEdge) return identity;
    throw new Error(
        `Expected the hub to have no device "${inputs.deviceId}" yet, found one that this stack did not create. ` +
            "Choose another name with: pulumi config set deviceId NAME, or delete that device first.",
    );
}

async function find(hub: HubClient, deviceId: string): Promise<DeviceIdentity | undefined> {
    return hub<DeviceIdentity>({ method: "GET", path: devicePath(deviceId) }).catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
    });
}

function outputs(inputs: EdgeDeviceInputs, identity: DeviceIdentity): EdgeDeviceOutputs {
    const key = identity.authentication?.symmetricKey?.primaryKey;
    if (!key) {
        throw new Error(
            `Expected device "${inputs.deviceId}" to have a symmetric key, found none. ` +
                "Delete the device in the hub and repeat the command.",
        );
    }
    const { hostName } = parseConnectionString(inputs.hubConnectionString);
    return {
        hubConnectionString: inputs.hubConnectionString,
        deviceId: inputs.deviceId,
        owner: inputs.owner,
        primaryKey: key,
        connectionString: deviceConnectionString(hostName, inputs.deviceId, key),
    };
}

function devicePath(deviceId: string): string {
    return `/devices/${encodeURIComponent(deviceId)}`;
}
