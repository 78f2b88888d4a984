import { deviceKeys } from "../../planes/dps/attestation";
import type { EnrollmentRecord, Kind } from "../../planes/dps/enrollments";
import type { LocalProvisioning } from "../../planes/dps/plane";
import type { LocalHub } from "../../planes/hub/plane";
import type { EnrolledDevice } from "./setUp";

/**
 * The devices that somebody who read the enrollment list would set up: one for each entry of an edge device, and one for
 * each edge identity in a linked hub whose key is derived from a group's, since nothing else says who belongs to a group.
 */
export function wantedDevices(
    service: LocalProvisioning,
    openHubs: ReadonlyMap<string, LocalHub>,
): EnrolledDevice[] {
    const { name, hostName: endpoint, idScope, enrollments } = service;
    const hubs = service.hubs();

    function wanted(
        kind: Kind,
        { id, shown }: EnrollmentRecord,
        device: { registrationId: string; deviceId: string; key: string },
    ): EnrolledDevice {
        const { registrationId, deviceId, key } = device;
        const entry = { kind, id, created: shown.createdDateTimeUtc };
        const setUp = { endpoint, idScope, registrationId, key, entry };
        return { service: name, setUp, deviceId, hubs, isEnrolled: true };
    }

    const single = enrollments
        .all("enrollments")
        .filter(({ shown }) => shown.capabilities?.iotEdge)
        .map((entry) => {
            const { id: registrationId, shown, symmetricKey } = entry;
            const deviceId = shown.deviceId ?? registrationId;
            return wanted("enrollments", entry, { registrationId, deviceId, key: symmetricKey.primaryKey });
        });
    const identities = hubs
        .flatMap((hub) => openHubs.get(hub)?.devices() ?? [])
        .filter(({ capabilities }) => capabilities.iotEdge);
    const grouped = enrollments.all("enrollmentGroups").flatMap((entry) =>
        identities.flatMap(({ deviceId, authentication }) => {
            const key = authentication.symmetricKey?.primaryKey;
            const keys = deviceKeys({ kind: "enrollmentGroups", entry }, deviceId);
            if (key === undefined || !Object.values(keys).includes(key)) return [];
            return [wanted("enrollmentGroups", entry, { registrationId: deviceId, deviceId, key })];
        }),
    );
    return [...single, ...grouped];
}
