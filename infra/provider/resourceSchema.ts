import { z } from "zod";
import type { Service } from "./service/service";

/** What a resource is, without how it is done: checks, types, the package's schema and its pages are made from it. */
export interface ResourceSchema {
    /** The last part of its type, `iotedge:index:NAME`. */
    readonly name: string;
    readonly description: string;
    /** What a program asks for. Each property has a description; `about` says what else is known of it. */
    readonly inputs: z.ZodObject;
    /** What the resource has beside its inputs. */
    readonly outputs: z.ZodObject;
    /** Where it lies: the properties that name the service, by its id in ARM or by its host name. */
    readonly place?: { readonly service: Service; readonly id: string; readonly hostName: string };
    /** Its id, and that by which it is imported, with the names of inputs in braces; `{place}` is the service. */
    readonly id: string;
    /** Inputs whose change gives outputs a new value. */
    readonly renewedBy?: readonly string[];
    /** A program in YAML that makes one, for the pages: the lines of its `properties`. */
    readonly example: string;
}

/** What is known of a property beside its shape. */
export interface About {
    readonly description: string;
    /** Never shown and stored encrypted, whatever the program says of it. */
    readonly secret?: true;
    /** Another value is another resource. */
    readonly replaceOnChanges?: true;
    /** Another value may be another resource: the provider finds out. */
    readonly willReplaceOnChanges?: true;
}

/** Adds to a property what is known of it. */
export function about<Schema extends z.ZodType>(schema: Schema, known: About): Schema {
    return schema.meta({ ...known }) as Schema;
}

/** What is known of the property `name`. */
export function aboutProperty(shape: z.ZodObject, name: string): Partial<About> {
    return (shape.shape[name]?.meta() ?? {}) as Partial<About>;
}

/** Keys of a device or of an enrollment. */
export const symmetricKey = z
    .strictObject({
        primaryKey: about(base64(), { description: "Base64 of 16 to 64 bytes.", secret: true }),
        secondaryKey: about(base64(), { description: "Base64 of 16 to 64 bytes.", secret: true }),
    })
    .meta({ id: "SymmetricKey", description: "Two keys, each of which suffices." });

/** An object of any JSON. */
export function anyObject(expected: string) {
    return z.record(z.string(), z.unknown(), { error: expected });
}

/** The hub that a resource lies in, as each of its resources names it. */
export const hubPlace = {
    hubId: about(armId("Microsoft.Devices/IotHubs").optional(), {
        description:
            "Id of the hub in Azure Resource Manager, which is asked for its host name and its keys. Either this or `hubHostName`.",
        willReplaceOnChanges: true,
    }),
    hubHostName: about(hostName().optional(), {
        description:
            "Host name of the hub, such as `my-hub.azure-devices.net`, for one that whoever deploys has no rights to in " +
            "Azure Resource Manager: it is opened by the provider's `hubConnectionString`, or by Entra. Either this or `hubId`.",
        willReplaceOnChanges: true,
    }),
};

/** The provisioning service that an enrollment lies in. */
export const provisioningServicePlace = {
    provisioningServiceId: about(armId("Microsoft.Devices/provisioningServices").optional(), {
        description:
            "Id of the provisioning service in Azure Resource Manager, which is asked for its host name and its keys. " +
            "Either this or `provisioningServiceHostName`.",
        willReplaceOnChanges: true,
    }),
    provisioningServiceHostName: about(hostName().optional(), {
        description:
            "Host name of the provisioning service's operations, such as `my-dps.azure-devices-provisioning.net`: it is " +
            "opened by the provider's `provisioningServiceConnectionString`, or by Entra. Either this or `provisioningServiceId`.",
        willReplaceOnChanges: true,
    }),
};

function base64() {
    const expected = "base64 of 16 to 64 bytes";
    return z
        .string(expected)
        .regex(/^[A-Za-z0-9+/]{22,}={0,2}$/, expected)
        .max(88, expected);
}

function armId(type: string) {
    const expected = `an id of the form /subscriptions/…/resourceGroups/…/providers/${type}/NAME`;
    const [namespace, kind] = type.split("/");
    const form = `^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${namespace}/${kind}/[^/]+$`;
    return z.string(expected).regex(new RegExp(form, "i"), expected);
}

function hostName() {
    const expected = "a host name such as my-hub.azure-devices.net, without a scheme";
    return z.string(expected).regex(/^[A-Za-z0-9.-]+(:\d+)?$/, expected);
}
