import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { tagFailures } from "../device/twinTags";
import { defineResource, type ResourceBehaviour, type Work } from "../resourceType";
import type { ServiceClient } from "../service/serviceClient";
import { found, onCurrentVersion, ServiceError } from "../service/serviceError";
import { type EnrollmentRecord, isAsWritten, recordOf } from "./enrollmentRecord";
import { enrollmentGroupSchema, enrollmentSchema } from "./enrollmentSchema";

type Inputs = z.output<typeof enrollmentSchema.inputs>;
type GroupInputs = z.output<typeof enrollmentGroupSchema.inputs>;
type Outputs = z.output<typeof enrollmentSchema.outputs>;
type SymmetricKey = NonNullable<Inputs["symmetricKey"]>;

export const enrollment = defineResource(
    enrollmentSchema,
    behaviour<Inputs>(
        ({ registrationId }) => `/enrollments/${encodeURIComponent(registrationId)}`,
        ({ registrationId, deviceId = registrationId }) => ({ registrationId, deviceId }),
    ),
);

export const enrollmentGroup = defineResource(
    enrollmentGroupSchema,
    behaviour<GroupInputs>(
        ({ groupId }) => `/enrollmentGroups/${encodeURIComponent(groupId)}`,
        ({ groupId }) => ({ enrollmentGroupId: groupId }),
    ),
);

/** How an entry is kept, whichever of the two lists it is in: `pathOf` finds it there, `named` is how its record says it. */
function behaviour<Entry extends Inputs | GroupInputs>(
    pathOf: (inputs: Entry) => string,
    named: (inputs: Entry) => Partial<EnrollmentRecord>,
): ResourceBehaviour<Entry, Outputs> {
    const put = (service: ServiceClient, inputs: Entry, symmetricKey?: SymmetricKey, etag?: string) =>
        service.call({
            method: "PUT",
            path: pathOf(inputs),
            ifMatch: etag && `"${etag.replaceAll('"', "")}"`,
            body: { ...recordOf(inputs, named(inputs)), attestation: attestation(symmetricKey) },
        });

    const get = (service: ServiceClient, inputs: Entry) =>
        service.call<EnrollmentRecord>({ method: "GET", path: pathOf(inputs) });

    /** The record itself does not tell its keys. */
    async function keys(service: ServiceClient, inputs: Entry): Promise<SymmetricKey> {
        const path = `${pathOf(inputs)}/attestationmechanism`;
        const { symmetricKey } = await service.call<{ symmetricKey?: SymmetricKey }>({
            method: "POST",
            path,
        });
        if (symmetricKey) return symmetricKey;
        throw new Error(
            `Expected ${pathOf(inputs)} to attest by symmetric keys, found another way. ` +
                "Enroll with X.509 or a TPM without this resource.",
        );
    }

    const outputs = (service: ServiceClient, symmetricKey: SymmetricKey): Outputs => ({
        provisioningServiceHostName: service.hostName,
        ...symmetricKey,
    });

    return {
        // They become the tags of a device's twin, whose limits they have.
        check: ({ tags }) => tagFailures(tags),

        /** An entry that exists is taken over only if it says what this one would: an interrupted creation left it. */
        async create(inputs, work) {
            const service = await work.service();
            const exists = await put(service, inputs, inputs.symmetricKey).then(
                () => false,
                (error) => {
                    if (error instanceof ServiceError && error.status === 409) return true;
                    throw error;
                },
            );
            if (exists && !isAsWritten(await get(service, inputs), recordOf(inputs, named(inputs))))
                throw alreadyThere(pathOf(inputs));
            const symmetricKey = await keys(service, inputs);
            if (!isDeepStrictEqual(inputs.symmetricKey ?? symmetricKey, symmetricKey))
                throw alreadyThere(pathOf(inputs));
            return outputs(service, symmetricKey);
        },

        async read(asked, before, work) {
            const service = await work.service();
            const record = await found(get(service, asked));
            if (!record) return undefined;
            const symmetricKey = await keys(service, asked);
            const { tags: _, symmetricKey: given, ...place } = asked;
            const tags = record.initialTwin?.tags ?? {};
            const inputs = {
                ...place,
                ...("registrationId" in asked && foundDevice(record, before as Inputs | undefined)),
                hubHostName: record.iotHubs?.[0] ?? "",
                allocationPolicy: record.allocationPolicy,
                edge: record.capabilities?.iotEdge === true,
                status: record.provisioningStatus,
                ...(given && { symmetricKey }),
                ...((before?.tags || Object.keys(tags).length > 0) && { tags }),
            } as Entry;
            return { inputs, outputs: outputs(service, symmetricKey) };
        },

        /** Writes on top of what is there; keys that the service made stay. */
        async update(_before, news, work) {
            const service = await work.service();
            const symmetricKey = news.symmetricKey ?? (await keys(service, news));
            await onCurrentVersion(async () => {
                const { etag } = await get(service, news);
                await put(service, news, symmetricKey, etag);
            });
            return outputs(service, symmetricKey);
        },

        async delete(before, work: Work) {
            const service = await work.service();
            await service.call({ method: "DELETE", path: pathOf(before), ifMatch: "*" });
        },
    };
}

function attestation(symmetricKey: SymmetricKey | undefined) {
    return { type: "symmetricKey", ...(symmetricKey && { symmetricKey }) };
}

/** The device's name counts as given where it was given, or is another one than the registration id. */
function foundDevice(
    { registrationId, deviceId }: EnrollmentRecord,
    before?: Inputs,
): Pick<Inputs, "deviceId"> {
    const isDefault = before?.deviceId === undefined && (!deviceId || deviceId === registrationId);
    return isDefault ? {} : { deviceId };
}

function alreadyThere(path: string): Error {
    return new Error(
        `Expected the provisioning service to have no ${path.slice(1)} yet, found another one. ` +
            "Choose another name, delete that entry, or import it: pulumi import.",
    );
}
