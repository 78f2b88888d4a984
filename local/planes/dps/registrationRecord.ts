import type { Kind } from "./enrollments";

/** One device that registered, as far as it got; kept over restarts. */
export interface RegistrationRecord {
    readonly registrationId: string;
    readonly enrollment: { readonly kind: Kind; readonly id: string };
    readonly operationId: string;
    readonly status: "assigning" | "assigned" | "failed";
    readonly createdDateTimeUtc: string;
    readonly lastUpdatedDateTimeUtc: string;
    readonly etag: string;
    readonly assignedHub?: string;
    readonly deviceId?: string;
    /** Set before a device is made that its hub did not have, so that it gets its first twin after all. */
    readonly makesDevice?: true;
    readonly error?: { readonly errorCode: number; readonly errorMessage: string };
}
