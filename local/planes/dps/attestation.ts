import { createHmac } from "node:crypto";
import { isSignedBy, parseSas } from "../sas";
import type { EnrollmentRecord, Enrollments, Kind } from "./enrollments";
import { DpsError } from "./errors";

/** A device that says which registration of which service it is, and by what token. */
export interface Caller {
    readonly idScope: string;
    readonly registrationId: string;
    readonly sas: string;
}

/** The entry by which a device registers. */
export interface Attested {
    readonly kind: Kind;
    readonly entry: EnrollmentRecord;
}

/**
 * Finds the enrollment whose key signed the token. An entry for the device alone goes before any group, and so keeps it
 * out when disabled. Whatever is wrong, the answer is the same.
 */
export function attest({ idScope, registrationId, sas }: Caller, list: Enrollments): Attested {
    const token = parseSas(sas);
    const resource = `${idScope}/registrations/${registrationId}`.toLowerCase();
    const own = list.find("enrollments", registrationId);
    const candidates: Attested[] = own
        ? [{ kind: "enrollments", entry: own }]
        : list.all("enrollmentGroups").map((entry) => ({ kind: "enrollmentGroups", entry }));
    const found =
        token?.policy === "registration" && token.resource.toLowerCase() === resource
            ? candidates.find((each) => isSignedBy(token, Object.values(deviceKeys(each, registrationId))))
            : undefined;
    if (found?.entry.shown.provisioningStatus === "enabled") return found;
    throw new DpsError("Unauthorized", "Unauthorized");
}

/** The keys of a device: those of its entry, or derived from those of its group. */
export function deviceKeys(
    { kind, entry: { symmetricKey } }: Attested,
    registrationId: string,
): EnrollmentRecord["symmetricKey"] {
    if (kind === "enrollments") return symmetricKey;
    return {
        primaryKey: derived(symmetricKey.primaryKey, registrationId),
        secondaryKey: derived(symmetricKey.secondaryKey, registrationId),
    };
}

/** learn: "Symmetric key attestation", group enrollments. */
function derived(groupKey: string, registrationId: string): string {
    const hmac = createHmac("sha256", Buffer.from(groupKey, "base64"));
    return hmac.update(registrationId.toLowerCase()).digest("base64");
}
