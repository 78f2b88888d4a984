import { isDeepStrictEqual } from "node:util";

/** An entry as the service keeps it, without how it attests (provisioning service Swagger 2021-10-01). */
export interface EnrollmentRecord {
    readonly etag?: string;
    readonly registrationId?: string;
    readonly enrollmentGroupId?: string;
    readonly deviceId?: string;
    readonly capabilities?: { readonly iotEdge?: boolean };
    readonly allocationPolicy?: string;
    readonly iotHubs?: readonly string[];
    readonly provisioningStatus?: string;
    readonly reprovisionPolicy?: object;
    readonly initialTwin?: {
        readonly tags?: Readonly<Record<string, unknown>>;
        readonly properties?: object;
    };
}

/** What an enrollment asks for, as far as its record says it. */
export interface Assignment {
    readonly hubHostName: string;
    readonly allocationPolicy: string;
    readonly edge: boolean;
    readonly status: string;
    readonly tags?: Readonly<Record<string, unknown>>;
}

/** The record of an enrollment, `named` as its list names entries. */
export function recordOf(
    { hubHostName, allocationPolicy, edge, status, tags }: Assignment,
    named: Partial<EnrollmentRecord>,
): EnrollmentRecord {
    return {
        ...named,
        capabilities: { iotEdge: edge },
        allocationPolicy,
        iotHubs: [hubHostName],
        provisioningStatus: status,
        reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
        initialTwin: { tags: tags ?? {}, properties: { desired: {} } },
    };
}

/** Whether an entry says what this one would write. */
export function isAsWritten(found: EnrollmentRecord, written: EnrollmentRecord): boolean {
    const telling = [
        "deviceId",
        "capabilities",
        "allocationPolicy",
        "iotHubs",
        "provisioningStatus",
    ] as const;
    const isSame = telling.every((name) => isDeepStrictEqual(found[name], written[name]));
    return isSame && isDeepStrictEqual(found.initialTwin?.tags ?? {}, written.initialTwin?.tags ?? {});
}
