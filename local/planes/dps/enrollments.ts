import { z } from "zod";
import type { Collection, Store } from "../../base/store";
import { namesEtag } from "../ifMatch";
import { newSymmetricKey, symmetricKeyLength } from "../symmetricKey";
import { DpsError } from "./errors";

const key = z.string().refine((text) => {
    const length = symmetricKeyLength(text) ?? 0;
    return length >= 16 && length <= 64;
}, "expected base64 of 16 to 64 bytes");

const symmetricKey = z.strictObject({ primaryKey: key, secondaryKey: key });

/** What both kinds have (REST description 2021-10-01). Only symmetric keys attest here. */
const shared = {
    attestation: z.strictObject({ type: z.literal("symmetricKey"), symmetricKey: symmetricKey.optional() }),
    capabilities: z.strictObject({ iotEdge: z.boolean() }).optional(),
    allocationPolicy: z.enum(["hashed", "geoLatency", "static"]).optional(),
    iotHubs: z.array(z.string()).optional(),
    iotHubHostName: z.string().optional(),
    provisioningStatus: z.enum(["enabled", "disabled"]).optional(),
    reprovisionPolicy: z
        .strictObject({ updateHubAssignment: z.boolean(), migrateDeviceData: z.boolean() })
        .optional(),
    initialTwin: z
        .strictObject({
            tags: z.record(z.string(), z.unknown()).optional(),
            properties: z.strictObject({ desired: z.record(z.string(), z.unknown()).optional() }).optional(),
        })
        .optional(),
    etag: z.string().optional(),
    createdDateTimeUtc: z.string().optional(),
    lastUpdatedDateTimeUtc: z.string().optional(),
};

const bodies = {
    enrollments: z.strictObject({
        ...shared,
        registrationId: z.string(),
        deviceId: z.string().optional(),
        registrationState: z.unknown().optional(),
        optionalDeviceInformation: z.unknown().optional(),
    }),
    enrollmentGroups: z.strictObject({ ...shared, enrollmentGroupId: z.string() }),
};

/** The two collections of the enrollment list, named as in addresses. */
export type Kind = keyof typeof bodies;

/** An entry, with the keys that the service keeps to itself. */
export interface EnrollmentRecord {
    id: string;
    revision: number;
    symmetricKey: { primaryKey: string; secondaryKey: string };
    /** What is answered, without keys. */
    shown: Record<string, unknown> & {
        createdDateTimeUtc: string;
        deviceId?: string;
        capabilities?: { iotEdge: boolean };
        iotHubs?: string[];
        iotHubHostName?: string;
        reprovisionPolicy?: { updateHubAssignment: boolean };
        provisioningStatus?: string;
        initialTwin?: z.infer<typeof shared.initialTwin>;
    };
}

/** The enrollment list of one service. Ids count without case. */
export interface Enrollments {
    get(kind: Kind, id: string): EnrollmentRecord;
    find(kind: Kind, id: string): EnrollmentRecord | undefined;
    put(kind: Kind, id: string, body: unknown, ifMatch?: string): EnrollmentRecord;
    remove(kind: Kind, id: string, ifMatch?: string): void;
    /** Every entry of a kind. */
    all(kind: Kind): EnrollmentRecord[];
}

/** Opens the list of a service; `changed` is called after each change of an entry. */
export function enrollments(service: string, store: Store, changed = () => {}): Enrollments {
    const lists: Record<Kind, Collection<EnrollmentRecord>> = {
        enrollments: store.collection(`dps/${service}/enrollments`),
        enrollmentGroups: store.collection(`dps/${service}/enrollmentGroups`),
    };

    const find = (kind: Kind, id: string) => lists[kind].get(id.toLowerCase());

    function get(kind: Kind, id: string): EnrollmentRecord {
        const found = find(kind, id);
        if (found) return found;
        throw new DpsError("NotFound", `Enrollment not found: ${id}`);
    }

    return {
        get,
        find,
        all: (kind) => lists[kind].entries().map(([, record]) => record),
        put(kind, id, requestBody, ifMatch) {
            if (!/^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/.test(id))
                throw new DpsError("BadRequest", `"${id}" is no registration id or name of a group`);
            const { attestation, ...stated } = parse(kind, id, requestBody);
            const existing = lists[kind].get(id.toLowerCase());
            if (existing && ifMatch === undefined)
                throw new DpsError("EnrollmentExists", "Enrollment already exists");
            if (ifMatch !== undefined) checkEtag(get(kind, id), ifMatch);
            const now = new Date().toISOString();
            const record: EnrollmentRecord = {
                id,
                revision: (existing?.revision ?? 0) + 1,
                // A replacement states everything, its keys too: without them new ones are made.
                symmetricKey: attestation.symmetricKey ?? {
                    primaryKey: newSymmetricKey(64),
                    secondaryKey: newSymmetricKey(64),
                },
                shown: {
                    ...stated,
                    attestation: { type: "symmetricKey" },
                    provisioningStatus: stated.provisioningStatus ?? "enabled",
                    createdDateTimeUtc: existing?.shown.createdDateTimeUtc ?? now,
                    lastUpdatedDateTimeUtc: now,
                },
            };
            record.shown.etag = etagOf(record);
            lists[kind].put(id.toLowerCase(), record);
            changed();
            return record;
        },
        remove(kind, id, ifMatch) {
            const record = get(kind, id);
            if (ifMatch !== undefined) checkEtag(record, ifMatch);
            lists[kind].remove(id.toLowerCase());
            changed();
        },
    };
}

/** Forgets the enrollment list of a service, and who registered by it. */
export function deleteEnrollments(service: string, store: Store): void {
    store.transaction(() => {
        for (const kind of [...Object.keys(bodies), "registrations"])
            store.collection(`dps/${service}/${kind}`).clear();
    });
}

function parse(kind: Kind, id: string, body: unknown) {
    const result = bodies[kind].safeParse(body);
    if (!result.success) {
        const reasons = z.prettifyError(result.error).replace(/\s*\n\s*/g, " ");
        throw new DpsError("BadRequest", `Invalid enrollment: ${reasons}`);
    }
    const named =
        "registrationId" in result.data ? result.data.registrationId : result.data.enrollmentGroupId;
    if (named.toLowerCase() === id.toLowerCase()) return result.data;
    throw new DpsError("BadRequest", `The body is of enrollment "${named}", the address of "${id}"`);
}

function etagOf({ revision, id }: EnrollmentRecord): string {
    return `"${Buffer.from(`${id}-${revision}`).toString("base64")}"`;
}

function checkEtag(record: EnrollmentRecord, ifMatch: string): void {
    if (namesEtag(ifMatch, etagOf(record))) return;
    throw new DpsError("PreconditionFailed", "ETag mismatch: the enrollment was changed meanwhile");
}
