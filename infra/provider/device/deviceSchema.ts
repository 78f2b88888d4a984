import { z } from "zod";
import { about, anyObject, hubPlace, type ResourceSchema, symmetricKey } from "../resourceSchema";
import { iotHub } from "../service/service";

/** The identity registry's own rule (learn: "Understand the identity registry"). */
const deviceIdRule = "1 to 128 letters, digits or any of - : . + % _ # * ? ! ( ) , = @ ; $ '";

/** The name of a device. */
export function deviceIdText() {
    return z.string(deviceIdRule).regex(/^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/, deviceIdRule);
}

const thumbprint = "a thumbprint of 40 or 64 hexadecimal digits";

export const deviceSchema = {
    name: "Device",
    description:
        "A device's identity in the registry of an IoT Hub, with symmetric keys or the thumbprints of its certificates. " +
        "It is an IoT Edge device unless `edge` is false.",
    place: { service: iotHub, id: "hubId", hostName: "hubHostName" },
    id: "{place}/devices/{deviceId}",
    renewedBy: ["symmetricKey", "thumbprints"],
    inputs: z.strictObject({
        ...hubPlace,
        deviceId: about(deviceIdText(), {
            description: `Name of the device in the hub: ${deviceIdRule}.`,
            replaceOnChanges: true,
        }),
        edge: about(z.boolean("true or false").default(true), {
            description: "Whether the device runs IoT Edge, and may have a deployment.",
        }),
        status: about(z.enum(["enabled", "disabled"], "enabled or disabled").default("enabled"), {
            description: "Whether the device may connect: `enabled` or `disabled`.",
        }),
        symmetricKey: about(symmetricKey.optional(), {
            description:
                "Keys that were made elsewhere. Without them, and without thumbprints, the hub makes them.",
            secret: true,
        }),
        thumbprints: about(
            z
                .array(z.string(thumbprint).regex(/^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/, thumbprint))
                .min(1, "a list of one thumbprint or two")
                .max(2, "a list of one thumbprint or two")
                .optional(),
            {
                description:
                    "SHA-1 or SHA-256 of one self-signed certificate or two, by which the device proves itself instead of keys.",
            },
        ),
        tags: about(anyObject('an object such as {"site": "greenhouse"}').optional(), {
            description:
                "Tags of the device's twin, which target conditions of automatic deployments look at. Those that others " +
                "have set beside them stay.",
        }),
    }),
    outputs: z.strictObject({
        hubHostName: about(z.string(), { description: "Host name of the hub." }),
        primaryKey: about(z.string(), {
            description: "Base64; empty for a device with a certificate.",
            secret: true,
        }),
        secondaryKey: about(z.string(), {
            description: "Base64; empty for a device with a certificate.",
            secret: true,
        }),
        connectionString: about(z.string(), {
            description: "The device connects to the hub with this connection string.",
            secret: true,
        }),
    }),
    example: `hubId: \${hub.id}
deviceId: camera-1
tags:
  site: greenhouse`,
} satisfies ResourceSchema;
