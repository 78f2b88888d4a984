import { randomUUID } from "node:crypto";
import type { Answer } from "../../base/http/refusal";
import type { Store } from "../../base/store";
import { assignDevice } from "./assignment";
import type { Attested } from "./attestation";
import type { Enrollments } from "./enrollments";
import { DpsError } from "./errors";
import { HubBusy } from "./hubRegistry";
import type { RegistrationRecord } from "./registrationRecord";
import type { ProvisioningServiceSettings } from "./settings";

/** The devices that registered at one service. */
export interface Registrations {
    /** Begins to assign the device to a hub, anew where it was assigned before. */
    register(registrationId: string, attested: Attested): Answer;
    /** How far the operation got; waits for it, and takes up one that was cut off. */
    operation(registrationId: string, operationId: string): Promise<Answer>;
    get(registrationId: string): RegistrationRecord;
    remove(registrationId: string): void;
    /** Stops what is under way; it is taken up again at the next question after it. */
    close(): Promise<void>;
}

/** Seconds until a device asks again (learn: "Communicate with your DPS using MQTT"). */
const retryAfter = 3;
/** The error code of an assignment that the hub did not take. */
const hubFailed = 500001;

export function registrations(
    settings: () => ProvisioningServiceSettings,
    enrollments: Enrollments,
    store: Store,
    caPem: string,
): Registrations {
    const records = store.collection<RegistrationRecord>(`dps/${settings().name}/registrations`);
    const running = new Map<string, Promise<void>>();
    const closing = new AbortController();

    function get(registrationId: string): RegistrationRecord {
        const found = records.get(registrationId.toLowerCase());
        if (found) return found;
        throw new DpsError("NotFound", `Registration not found: ${registrationId}`);
    }

    function put(record: RegistrationRecord): void {
        records.put(record.registrationId.toLowerCase(), {
            ...record,
            lastUpdatedDateTimeUtc: new Date().toISOString(),
            etag: `"${randomUUID()}"`,
        });
    }

    /** One assignment of a device after the other, so that the last one is the one that counts. */
    function assign(registrationId: string): Promise<void> {
        const key = registrationId.toLowerCase();
        const assigned = (running.get(key) ?? Promise.resolve()).then(() => assignOnce(key));
        const ended = assigned.finally(() => {
            if (running.get(key) === ended) running.delete(key);
        });
        running.set(key, ended);
        return ended;
    }

    async function assignOnce(key: string): Promise<void> {
        const record = records.get(key);
        if (record?.status !== "assigning" || closing.signal.aborted) return;
        const isCurrent = () => records.get(key)?.operationId === record.operationId;
        const save = (changed: RegistrationRecord) => {
            if (isCurrent()) put(changed);
        };
        try {
            save(
                await assignDevice(record, {
                    settings: settings(),
                    enrollments,
                    caPem,
                    closing: closing.signal,
                    save,
                }),
            );
        } catch (error) {
            // It goes on at the next question.
            if (closing.signal.aborted || error instanceof HubBusy) return;
            const errorMessage = error instanceof Error ? error.message : String(error);
            const errorCode = error instanceof DpsError ? error.code : hubFailed;
            save({ ...(records.get(key) ?? record), status: "failed", error: { errorCode, errorMessage } });
        }
    }

    return {
        get,
        register(registrationId, { kind, entry }) {
            const { error: _, ...before } = records.get(registrationId.toLowerCase()) ?? {
                registrationId: kind === "enrollments" ? entry.id : registrationId,
                createdDateTimeUtc: new Date().toISOString(),
                lastUpdatedDateTimeUtc: "",
                etag: "",
            };
            const operationId = newOperationId();
            put({ ...before, enrollment: { kind, id: entry.id }, operationId, status: "assigning" });
            void assign(registrationId);
            return {
                status: 202,
                json: { operationId, status: "assigning" },
                headers: { "Retry-After": retryAfter },
            };
        },
        async operation(registrationId, operationId) {
            const isOwn = () => records.get(registrationId.toLowerCase())?.operationId === operationId;
            if (!isOwn()) throw new DpsError("OperationNotFound", "Operation not found.");
            if (get(registrationId).status === "assigning")
                await (running.get(registrationId.toLowerCase()) ?? assign(registrationId));
            // Another registration of the device, or its removal, came between.
            if (!isOwn()) throw new DpsError("OperationNotFound", "Operation not found.");
            const record = get(registrationId);
            const { status } = record;
            if (status === "assigning")
                return { status: 202, json: { operationId, status }, headers: { "Retry-After": retryAfter } };
            return { status: 200, json: { operationId, status, registrationState: stateOf(record) } };
        },
        remove(registrationId) {
            records.remove(get(registrationId).registrationId.toLowerCase());
        },
        async close() {
            closing.abort();
            await Promise.all(running.values());
        },
    };
}

/** The shape of DeviceRegistrationState and of what a device is told (REST description 2021-10-01). */
export function stateOf(record: RegistrationRecord): object {
    const { registrationId, createdDateTimeUtc, status, lastUpdatedDateTimeUtc, etag, enrollment } = record;
    const { assignedHub, deviceId } = record;
    return {
        registrationId,
        createdDateTimeUtc,
        ...(status === "assigned" && { assignedHub, deviceId, substatus: "initialAssignment" }),
        status,
        ...record.error,
        lastUpdatedDateTimeUtc,
        etag,
        ...(enrollment.kind === "enrollmentGroups" && {
            symmetricKey: { enrollmentGroupId: enrollment.id },
        }),
    };
}

/** The form of those that users show: `4.d0a671905ea5b2c8.…`. */
function newOperationId(): string {
    return `4.${randomUUID().replaceAll("-", "").slice(0, 16)}.${randomUUID()}`;
}
