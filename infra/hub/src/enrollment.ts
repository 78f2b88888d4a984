import { isDeepStrictEqual } from "node:util";
import { parseConnectionString } from "./connectionString";
import {
    type HubClient,
    HubError,
    isNotFound,
    onCurrentVersion,
    type Service,
    serviceClient,
} from "./hubClient";

const provisioningService: Service = {
    name: "Device Provisioning Service",
    apiVersion: "2021-10-01",
    resource: "https://azure-devices-provisioning.net",
};

/** Who may be provisioned: one device with these keys, or every device whose key is derived from the group's. */
export interface EnrollmentInputs {
    /** Service connection string of the provisioning service, secret. */
    dpsConnectionString: string;
    kind: "individual" | "group";
    /** Registration id of the device, or name of the group; lower case. */
    enrollmentId: string;
    hubHostName: string;
    /** Of an individual enrollment, base64, secret; a group's keys are made by the service. */
    symmetricKey?: SymmetricKey;
    /** Tags of the twin that a device gets with its first registration. */
    tags?: Record<string, unknown>;
    /** Members of the entry that a refresh has found changed by somebody else; never asked for, so an update mends them. */
    changedOutside?: string[];
}

interface SymmetricKey {
    primaryKey: string;
    secondaryKey: string;
}

/** The inputs, and the keys with which the enrollment attests; secrets. */
export interface EnrollmentOutputs extends EnrollmentInputs, SymmetricKey {}

interface EnrollmentRecord {
    etag: string;
    deviceId?: string;
    capabilities?: { iotEdge?: boolean };
    allocationPolicy?: string;
    provisioningStatus?: string;
    iotHubs?: string[];
    initialTwin?: { tags?: Record<string, unknown> };
}

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Another name, kind or service is another enrollment; any other change is an update. */
export async function diff(_id: string, olds: EnrollmentOutputs, news: EnrollmentInputs) {
    const replaces: string[] = [];
    if (olds.enrollmentId !== news.enrollmentId) replaces.push("enrollmentId");
    if (olds.kind !== news.kind) replaces.push("kind");
    if (serviceMoved(olds.dpsConnectionString, news.dpsConnectionString))
        replaces.push("dpsConnectionString");
    const compared = [
        "dpsConnectionString",
        "hubHostName",
        "symmetricKey",
        "tags",
        "changedOutside",
    ] as const;
    const changes =
        replaces.length > 0 || compared.some((name) => !isDeepStrictEqual(olds[name], news[name]));
    return { changes, replaces, deleteBeforeReplace: false };
}

/** Enrolls. The service is the stack's own, so what an interrupted creation left under this name is written over. */
export async function create(inputs: EnrollmentInputs) {
    const service = serviceClient(provisioningService, inputs.dpsConnectionString);
    await write(service, inputs).catch(async (error) => {
        if (!(error instanceof HubError) || error.status !== 409) throw error;
        await overwrite(service, inputs);
    });
    return { id: inputs.enrollmentId, outs: await outputs(service, inputs) };
}

/** Reads the enrollment; an empty id tells the engine that it is gone. */
export async function read(id: string, props: EnrollmentOutputs) {
    const service = serviceClient(provisioningService, props.dpsConnectionString);
    const record = await find(service, props);
    if (!record) return { id: "", props: {} };
    const inputs: EnrollmentInputs = { ...onlyInputs(props), hubHostName: record.iotHubs?.[0] ?? "" };
    const found = await keys(service, props);
    if (props.symmetricKey) inputs.symmetricKey = found;
    const tags = record.initialTwin?.tags ?? {};
    delete inputs.tags;
    if (props.tags || Object.keys(tags).length > 0) inputs.tags = tags;
    const outside = changedOutside(record, props);
    if (outside.length > 0) inputs.changedOutside = outside;
    return { id, props: { ...inputs, ...found }, inputs };
}

/** Writes the enrollment again; the keys of a group stay. */
export async function update(_id: string, _olds: EnrollmentOutputs, news: EnrollmentInputs) {
    const service = serviceClient(provisioningService, news.dpsConnectionString);
    await overwrite(service, news);
    return { outs: await outputs(service, news) };
}

/** Deletes the enrollment; devices that were provisioned by it stay in their hub. */
export async function remove(_id: string, props: EnrollmentOutputs): Promise<void> {
    const service = serviceClient(provisioningService, props.dpsConnectionString);
    await service({ method: "DELETE", path: path(props), ifMatch: "*" }).catch((error) => {
        if (!isNotFound(error)) throw error;
    });
}

function serviceMoved(before: string, after: string): boolean {
    if (before === unknown || after === unknown) return false;
    return parseConnectionString(before).hostName !== parseConnectionString(after).hostName;
}

/** Writes on top of what is there. */
async function overwrite(service: HubClient, inputs: EnrollmentInputs): Promise<void> {
    const symmetricKey = inputs.symmetricKey ?? (await keys(service, inputs));
    await onCurrentVersion(async () => {
        const { etag } = await service<EnrollmentRecord>({ method: "GET", path: path(inputs) });
        await write(service, { ...inputs, symmetricKey }, etag);
    });
}

/** The members of an entry, as this resource writes them, that are something else now. */
function changedOutside(record: EnrollmentRecord, { kind, enrollmentId }: EnrollmentInputs): string[] {
    const written: Partial<EnrollmentRecord> = {
        ...(kind === "individual" && { deviceId: enrollmentId }),
        capabilities: { iotEdge: true },
        allocationPolicy: "static",
        provisioningStatus: "enabled",
    };
    const names = Object.keys(written) as (keyof EnrollmentRecord)[];
    return names.filter((name) => !isDeepStrictEqual(record[name], written[name]));
}

async function write(service: HubClient, inputs: EnrollmentInputs, etag?: string): Promise<void> {
    const { kind, enrollmentId, hubHostName, symmetricKey, tags } = inputs;
    const named =
        kind === "individual"
            ? { registrationId: enrollmentId, deviceId: enrollmentId }
            : { enrollmentGroupId: enrollmentId };
    await service({
        method: "PUT",
        path: path(inputs),
        ifMatch: etag && `"${etag.replaceAll('"', "")}"`,
        body: {
            ...named,
            attestation: { type: "symmetricKey", ...(symmetricKey && { symmetricKey }) },
            capabilities: { iotEdge: true },
            allocationPolicy: "static",
            iotHubs: [hubHostName],
            provisioningStatus: "enabled",
            reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
            initialTwin: { tags: tags ?? {}, properties: { desired: {} } },
        },
    });
}

async function find(service: HubClient, inputs: EnrollmentInputs): Promise<EnrollmentRecord | undefined> {
    return service<EnrollmentRecord>({ method: "GET", path: path(inputs) }).catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
    });
}

/** The record itself does not tell its keys. */
async function keys(service: HubClient, inputs: EnrollmentInputs): Promise<SymmetricKey> {
    const { symmetricKey } = await service<{ symmetricKey: SymmetricKey }>({
        method: "POST",
        path: `${path(inputs)}/attestationmechanism`,
    });
    return symmetricKey;
}

async function outputs(service: HubClient, inputs: EnrollmentInputs): Promise<EnrollmentOutputs> {
    return { ...onlyInputs(inputs), ...(inputs.symmetricKey ?? (await keys(service, inputs))) };
}

function onlyInputs(props: EnrollmentInputs): EnrollmentInputs {
    const { dpsConnectionString, kind, enrollmentId, hubHostName, symmetricKey, tags } = props;
    return {
        dpsConnectionString,
        kind,
        enrollmentId,
        hubHostName,
        ...(symmetricKey && { symmetricKey }),
        ...(tags && { tags }),
    };
}

function path({ kind, enrollmentId }: EnrollmentInputs): string {
    const collection = kind === "individual" ? "enrollments" : "enrollmentGroups";
    return `/${collection}/${encodeURIComponent(enrollmentId)}`;
}
