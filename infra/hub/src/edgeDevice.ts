import { isDeepStrictEqual } from "node:util";
import { deviceConnectionString, parseConnectionString } from "./connectionString";
import { type HubClient, HubError, hubClient, isNotFound, onCurrentVersion } from "./hubClient";
import { readTags, type Tags, writeTags } from "./twinTags";

/** What the stack asks for. What is left out is the hub's default: its own keys, enabled, no tags. */
export interface EdgeDeviceInputs {
    hubConnectionString: string;
    deviceId: string;
    /** Written into the identity, so that an interrupted creation is recognised as ours when it is repeated. */
    owner: string;
    /** Keys that were made elsewhere, base64, secret. */
    symmetricKey?: SymmetricKey;
    /** Thumbprints of one or two self-signed certificates, instead of keys. */
    thumbprints?: string[];
    status?: "disabled";
    tags?: Tags;
}

interface SymmetricKey {
    primaryKey: string;
    secondaryKey: string;
}

/** The inputs, and the identity's keys and connection string, which are secrets; keys are empty with a certificate. */
export interface EdgeDeviceOutputs extends EdgeDeviceInputs {
    /** base64 */
    primaryKey: string;
    secondaryKey: string;
    connectionString: string;
}

interface DeviceIdentity {
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

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What an update can change. */
const changeable = ["hubConnectionString", "owner", "symmetricKey", "thumbprints", "status", "tags"] as const;

/** A changed device id or another hub is another identity; any other change is an update. */
export async function diff(_id: string, olds: EdgeDeviceOutputs, news: EdgeDeviceInputs) {
    const replaces: string[] = [];
    if (olds.deviceId !== news.deviceId) replaces.push("deviceId");
    if (hubMoved(olds.hubConnectionString, news.hubConnectionString)) replaces.push("hubConnectionString");
    const changes =
        replaces.length > 0 || changeable.some((name) => !isDeepStrictEqual(olds[name], news[name]));
    // The same device id cannot exist twice in one hub, and is not taken in another.
    return { changes, replaces, deleteBeforeReplace: false };
}

/** True when both strings are known and name different hubs. */
export function hubMoved(before: string, after: string): boolean {
    if (before === unknown || after === unknown) return false;
    return parseConnectionString(before).hostName !== parseConnectionString(after).hostName;
}

/** Creates the identity. One that exists is taken over, with its keys, only if this stack made it. */
export async function create(inputs: EdgeDeviceInputs) {
    const hub = hubClient(inputs.hubConnectionString);
    const identity = await hub<DeviceIdentity>({
        method: "PUT",
        path: devicePath(inputs.deviceId),
        body: {
            deviceId: inputs.deviceId,
            capabilities: { iotEdge: true },
            status: inputs.status ?? "enabled",
            statusReason: inputs.owner,
            authentication: wantedAuthentication(inputs) ?? { type: "sas" },
        },
    }).catch((error) => {
        if (error instanceof HubError && error.status === 409) return takeOver(hub, inputs);
        throw error;
    });
    await writeTags(hub, inputs.deviceId, {}, inputs.tags ?? {});
    return { id: inputs.deviceId, outs: outputs(inputs, identity) };
}

/** Reads the identity and our tags; an empty id tells the engine that it is gone. */
export async function read(id: string, props: EdgeDeviceOutputs) {
    const hub = hubClient(props.hubConnectionString);
    const identity = await find(hub, id);
    if (!identity?.capabilities?.iotEdge) return { id: "", props: {} };
    const inputs: EdgeDeviceInputs = onlyInputs(props);
    if (props.tags) inputs.tags = await readTags(hub, id, props.tags);
    delete inputs.status;
    if (identity.status === "disabled") inputs.status = "disabled";
    const { authentication = {} } = identity;
    // Whatever somebody else has made of the keys or the certificate shows as a difference, which an update mends.
    if (authentication.type === "sas") {
        delete inputs.thumbprints;
        const { primaryKey, secondaryKey } = authentication.symmetricKey ?? {};
        if (props.symmetricKey && primaryKey && secondaryKey)
            inputs.symmetricKey = { primaryKey, secondaryKey };
    } else {
        delete inputs.symmetricKey;
        inputs.thumbprints = thumbprintsOf(identity);
    }
    return { id, props: outputs(inputs, identity), inputs };
}

/**
 * Changes the identity. It is read and written back with its keys, because a body without them makes the hub mint new
 * ones; only another way to authenticate replaces them.
 */
export async function update(id: string, olds: EdgeDeviceOutputs, news: EdgeDeviceInputs) {
    const hub = hubClient(news.hubConnectionString);
    const identity = await onCurrentVersion(async () => {
        const current = await hub<DeviceIdentity>({ method: "GET", path: devicePath(id) });
        return changesIdentity(olds, news) ? write(hub, current, olds, news) : current;
    });
    await writeTags(hub, id, olds.tags ?? {}, news.tags ?? {});
    return { outs: outputs(news, identity) };
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

function changesIdentity(olds: EdgeDeviceInputs, news: EdgeDeviceInputs): boolean {
    const identity = ({ owner, symmetricKey, thumbprints, status }: EdgeDeviceInputs) => ({
        owner,
        symmetricKey,
        thumbprints,
        status,
    });
    return !isDeepStrictEqual(identity(olds), identity(news));
}

function write(
    hub: HubClient,
    identity: DeviceIdentity,
    olds: EdgeDeviceInputs,
    news: EdgeDeviceInputs,
): Promise<DeviceIdentity> {
    const wanted = wantedAuthentication(news);
    // Back from keys of the stack's, or from a certificate, to keys of the hub's own making.
    const returns = !wanted && wantedAuthentication(olds) ? { type: "sas" } : undefined;
    return hub<DeviceIdentity>({
        method: "PUT",
        path: devicePath(identity.deviceId),
        body: {
            ...identity,
            status: news.status ?? "enabled",
            statusReason: news.owner,
            authentication: wanted ?? returns ?? identity.authentication,
        },
        ifMatch: `"${identity.etag}"`,
    });
}

/** Undefined leaves the choice to the hub. */
function wantedAuthentication({
    symmetricKey,
    thumbprints,
}: EdgeDeviceInputs): DeviceIdentity["authentication"] {
    if (symmetricKey) return { type: "sas", symmetricKey };
    if (!thumbprints) return undefined;
    const [primaryThumbprint = "", secondaryThumbprint = primaryThumbprint] = thumbprints;
    return { type: "selfSigned", x509Thumbprint: { primaryThumbprint, secondaryThumbprint } };
}

function thumbprintsOf({ authentication }: DeviceIdentity): string[] {
    const { primaryThumbprint, secondaryThumbprint } = authentication?.x509Thumbprint ?? {};
    const found = [primaryThumbprint, secondaryThumbprint].filter((one) => typeof one === "string");
    return [...new Set(found)];
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

function onlyInputs(props: EdgeDeviceInputs): EdgeDeviceInputs {
    const { hubConnectionString, deviceId, owner, symmetricKey, thumbprints, status, tags } = props;
    return {
        hubConnectionString,
        deviceId,
        owner,
        ...(symmetricKey && { symmetricKey }),
        ...(thumbprints && { thumbprints }),
        ...(status && { status }),
        ...(tags && { tags }),
    };
}

function outputs(inputs: EdgeDeviceInputs, identity: DeviceIdentity): EdgeDeviceOutputs {
    const { hostName } = parseConnectionString(inputs.hubConnectionString);
    if (inputs.thumbprints) {
        const connectionString = `HostName=${hostName};DeviceId=${inputs.deviceId};x509=true`;
        return { ...onlyInputs(inputs), primaryKey: "", secondaryKey: "", connectionString };
    }
    const { primaryKey, secondaryKey } = identity.authentication?.symmetricKey ?? {};
    if (!primaryKey) {
        throw new Error(
            `Expected device "${inputs.deviceId}" to have a symmetric key, found none. ` +
                "Delete the device in the hub and repeat the command.",
        );
    }
    return {
        ...onlyInputs(inputs),
        primaryKey,
        secondaryKey: secondaryKey ?? "",
        connectionString: deviceConnectionString(hostName, inputs.deviceId, primaryKey),
    };
}

function devicePath(deviceId: string): string {
    return `/devices/${encodeURIComponent(deviceId)}`;
}
