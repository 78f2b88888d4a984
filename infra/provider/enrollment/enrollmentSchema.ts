import { z } from "zod";
import { deviceIdText } from "../device/deviceSchema";
import {
    about,
    anyObject,
    provisioningServicePlace,
    type ResourceSchema,
    symmetricKey,
} from "../resourceSchema";
import { provisioningService } from "../service/service";

/** Registration ids and names of groups (learn: "Terminology used with DPS", registration id). */
const nameRule = "1 to 128 lower-case letters, digits or any of - . _ :, ending with a letter or a digit";

function nameText() {
    return z.string(nameRule).regex(/^[a-z0-9\-._:]{0,127}[a-z0-9]$/, nameRule);
}

const place = {
    service: provisioningService,
    id: "provisioningServiceId",
    hostName: "provisioningServiceHostName",
};

/** What an enrollment of one device and one of a group have in common. */
const assignment = {
    hubHostName: about(z.string("the host name of a hub").min(1, "the host name of a hub"), {
        description: "Host name of the hub to which its devices are assigned; the service is linked to it.",
    }),
    allocationPolicy: about(
        z.enum(["static", "hashed", "geoLatency"], "static, hashed or geoLatency").default("static"),
        {
            description: "How the hub is chosen: `static`, `hashed` or `geoLatency`.",
        },
    ),
    edge: about(z.boolean("true or false").default(true), {
        description: "Whether its devices run IoT Edge.",
    }),
    status: about(z.enum(["enabled", "disabled"], "enabled or disabled").default("enabled"), {
        description: "Whether its devices may register: `enabled` or `disabled`.",
    }),
    symmetricKey: about(symmetricKey.optional(), {
        description: "Keys by which it attests. Without them the service makes them.",
        secret: true,
    }),
    tags: about(anyObject('an object such as {"site": "greenhouse"}').optional(), {
        description: "Tags of the twin that a device gets with its first registration.",
    }),
};

const outputs = z.strictObject({
    provisioningServiceHostName: about(z.string(), {
        description: "Host name of the provisioning service's operations.",
    }),
    primaryKey: about(z.string(), { description: "Base64.", secret: true }),
    secondaryKey: about(z.string(), { description: "Base64.", secret: true }),
});

export const enrollmentSchema = {
    name: "Enrollment",
    description:
        "An entry of a Device Provisioning Service for one device, which proves itself by a symmetric key. " +
        "Deleting it leaves a device that has registered in its hub.",
    place,
    id: "{place}/enrollments/{registrationId}",
    renewedBy: ["symmetricKey"],
    inputs: z.strictObject({
        ...provisioningServicePlace,
        registrationId: about(nameText(), {
            description: `Registration id of the device: ${nameRule}.`,
            replaceOnChanges: true,
        }),
        deviceId: about(deviceIdText().optional(), {
            description: "Name that the device gets in the hub. Default: its registration id.",
        }),
        ...assignment,
    }),
    outputs,
    example: `provisioningServiceId: \${service.id}
registrationId: camera-1
hubHostName: \${hub.properties.hostName}`,
} satisfies ResourceSchema;

export const enrollmentGroupSchema = {
    name: "EnrollmentGroup",
    description:
        "An entry of a Device Provisioning Service for every device whose key is derived from the group's. " +
        "Deleting it leaves devices that have registered in their hub.",
    place,
    id: "{place}/enrollmentGroups/{groupId}",
    renewedBy: ["symmetricKey"],
    inputs: z.strictObject({
        ...provisioningServicePlace,
        groupId: about(nameText(), {
            description: `Name of the group: ${nameRule}.`,
            replaceOnChanges: true,
        }),
        ...assignment,
    }),
    outputs,
    example: `provisioningServiceId: \${service.id}
groupId: cameras
hubHostName: \${hub.properties.hostName}`,
} satisfies ResourceSchema;
