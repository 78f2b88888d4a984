import { createHash } from "node:crypto";
import { deviceKeys } from "./attestation";
import type { EnrollmentRecord, Enrollments } from "./enrollments";
import { hubRegistry } from "./hubRegistry";
import type { RegistrationRecord } from "./registrationRecord";
import type { LinkedHub, ProvisioningServiceSettings } from "./settings";

/** What an assignment works with. */
interface Assigning {
    readonly settings: ProvisioningServiceSettings;
    readonly enrollments: Enrollments;
    readonly caPem: string;
    readonly closing: AbortSignal;
    /** Keeps how far it got. */
    save(record: RegistrationRecord): void;
}

/** Brings a registering device into its hub, with the keys it registered with; returns where it is now. */
export async function assignDevice(
    record: RegistrationRecord,
    { settings, enrollments, caPem, closing, save }: Assigning,
): Promise<RegistrationRecord> {
    const { kind, id } = record.enrollment;
    const entry = enrollments.get(kind, id);
    const hub = chooseHub(record, entry, settings.hubs);
    const deviceId = entry.shown.deviceId ?? record.registrationId;
    const registry = hubRegistry(hub, caPem, closing);
    const makesDevice = record.makesDevice === true || !(await registry.has(deviceId));
    if (makesDevice) save({ ...record, makesDevice });
    await registry.write(deviceId, {
        authentication: {
            type: "sas",
            symmetricKey: deviceKeys({ kind, entry }, record.registrationId),
        },
        capabilities: entry.shown.capabilities ?? { iotEdge: false },
    });
    const { initialTwin } = entry.shown;
    if (makesDevice && initialTwin) await registry.mergeTwin(deviceId, initialTwin);
    const { makesDevice: _, ...done } = record;
    return { ...done, status: "assigned", assignedHub: hub.hostName, deviceId };
}

/** Among the hubs of the entry, else all that are linked, always the same one for a device. */
function chooseHub(
    { registrationId, assignedHub }: RegistrationRecord,
    { shown }: EnrollmentRecord,
    linked: readonly LinkedHub[],
): LinkedHub {
    const wanted = shown.iotHubs ?? (shown.iotHubHostName === undefined ? [] : [shown.iotHubHostName]);
    const candidates =
        wanted.length > 0 ? linked.filter(({ hostName }) => wanted.includes(hostName)) : linked;
    const before = linked.find(({ hostName }) => hostName === assignedHub);
    if (before && shown.reprovisionPolicy?.updateHubAssignment === false) return before;
    const digest = createHash("sha256").update(registrationId.toLowerCase()).digest();
    const chosen = candidates[digest.readUInt32BE() % candidates.length];
    if (chosen) return chosen;
    throw new Error(
        `Expected a hub that is linked to ${wanted.length > 0 ? `be one of ${wanted.join(", ")}` : "take the device"}, found none.`,
    );
}
