import { z } from "zod";
import { isAdminUsername } from "../edge-vm/adminUsername";
import { machineKinds } from "../edge-vm/machineKinds";
import { isAddressRange } from "../edge-vm/securityRules";
import { defaultCheckTimeouts } from "./checkTimeout";
import { manifestSettings, secretManifestSettings } from "./manifest/manifestSettings";
import { resourceTags } from "./resourceTags";

/**
 * Every setting of a stack in the order of the flow: how it is checked, its default, what it means. The schema in
 * `Pulumi.yaml`, the page on configuration and the schema for editors are generated from here. An error text, and
 * `expected` of a list or an object that is told as a whole, continue the sentence "Expected config KEY to be".
 */
export const settings = z.object({
    // Azure
    resourceGroup: text(
        /^([-\w._()]{0,89}[-\w_()])?$/,
        "the name of a resource group, 1 to 90 letters, digits, dashes, dots, underscores or parentheses",
        "",
    ).describe(
        "Name of an existing resource group to use instead of a new one: everything is made there and in its region, and " +
            "destroy leaves it. Empty makes one.",
    ),
    tags: resourceTags
        .default({})
        .describe(
            "Tags of every Azure resource that the stack makes and can have some, and a label of the image.",
        ),

    // Hub
    hubSku: oneOf(["S1", "F1", "S2", "S3"], "S1").describe(
        "Tier of the IoT Hub. S1 to S3, or F1 (free, one per subscription). Basic tiers have no IoT Edge.",
    ),
    hubAuth: oneOf(["key", "entra"], "key").describe(
        "How the deployment opens the hub: with the key of one of its policies, which is asked for each time and kept " +
            "nowhere, or with the Entra identity of who deploys, which needs the role IoT Hub Data Contributor.",
    ),
    hubId: armId("Microsoft.Devices/IotHubs").describe(
        "Resource id of an existing hub to use instead of a new one. Empty makes one.",
    ),
    hubPolicy: text(/^[A-Za-z0-9!._-]{1,64}$/, "the name of a shared access policy", "iothubowner").describe(
        "With hubId and key: the policy of the existing hub whose key is used. RegistryRead, RegistryWrite and ServiceConnect suffice.",
    ),

    // Device
    deviceId: text(
        // The identity registry's own rule for device ids, without the characters that a shell or a URL would change.
        /^[A-Za-z0-9_.-]{1,128}$/,
        "1 to 128 letters, digits, dots, dashes or underscores",
        "edge-device",
    ).describe("Name of the edge device's identity in the hub."),
    deviceStatus: oneOf(["enabled", "disabled"], "enabled").describe("Whether the device may connect."),
    deviceTags: z
        .record(z.string(), z.unknown())
        .meta({ expected: 'an object such as {"site": "greenhouse"}' })
        .default({})
        .describe("Tags of the device's twin, which target conditions of automatic deployments look at."),
    deviceAuth: oneOf(["sas", "x509"], "sas").describe(
        "How the device proves who it is: a symmetric key, or a self-signed certificate's thumbprint.",
    ),
    deviceThumbprints: z
        .array(z.string().regex(/^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/))
        .max(2)
        .refine(([first, second]) => first?.toUpperCase() !== second?.toUpperCase() || !first)
        .meta({ expected: "a list of one thumbprint or two different ones of 40 or 64 hexadecimal digits" })
        .default([])
        .describe("With x509: primary and secondary thumbprint. Not needed with deviceCertificate."),
    deviceCertificate: text(
        /^(-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*)?$/,
        "a certificate in PEM",
        "",
    ).describe("With x509: the device's certificate, PEM. Its thumbprint is computed. Needed with edgeVm."),
    provisioning: oneOf(["manual", "dps-individual", "dps-group"], "manual").describe(
        "How the device finds its hub: manual names it, dps-individual and dps-group make a Device Provisioning " +
            "Service with an enrollment of the device, or of a group whose keys are derived.",
    ),

    // Image
    platform: oneOf(
        ["linux/amd64", "linux/arm64"],
        "linux/amd64",
        "linux/amd64 or linux/arm64 (onnxruntime has no 32-bit ARM; install the 64-bit system on such a device)",
    ).describe("Platform of the device, linux/amd64 or linux/arm64. The classifier image is built for it."),
    registryId: armId("Microsoft.ContainerRegistry/registries").describe(
        "Resource id of an existing container registry to use instead of a new one. Empty makes one.",
    ),
    registryRotation: integer(1, 1, 1_000_000).describe(
        "Raise by one to renew the passwords of the registry's tokens; those before stay valid until the next time.",
    ),
    image: text(
        /^([a-z0-9.-]+(:\d+)?\/)[a-z0-9._/-]+(@sha256:[0-9a-f]{64}|:[\w][\w.-]{0,127})$|^$/,
        "an image such as registry.azurecr.io/classifier@sha256:… (a tag and a digest together are refused by edgeAgent)",
        "",
    ).describe(
        "A prebuilt image to deploy instead of building one: repository@sha256:… or repository:tag. With it there " +
            "is no registry of the stack unless registryId names one. Empty builds.",
    ),

    // Machine
    edgeVm: flag(false).describe(
        "Whether the stack makes a virtual machine that becomes the edge device. Without one you bring a device.",
    ),
    sshPublicKey: text(
        /^((ssh-ed25519|ssh-rsa) [A-Za-z0-9+/=]+( .*)?)?$/,
        "an OpenSSH public key, ssh-ed25519 … or ssh-rsa …",
        "",
    ).describe(
        "OpenSSH public key of the machine's administrator. Needed with edgeVm; there is no password.",
    ),
    adminUsername: z
        .string()
        .refine(
            isAdminUsername,
            "a Linux user name that Azure does not reserve, as it does admin, root and user",
        )
        .default("edge")
        .describe("Name of the machine's administrator."),
    vmSize: text(
        /^(Standard_[A-Za-z0-9_-]+)?$/,
        `a size of Azure's such as "${machineKinds["linux/amd64"].size}"`,
        "",
    ).describe(
        `Size of the machine. Empty means ${machineKinds["linux/amd64"].size}, or ` +
            `${machineKinds["linux/arm64"].size} for linux/arm64.`,
    ),
    dnsLabel: text(
        /^([a-z][a-z0-9-]{1,61}[a-z0-9])?$/,
        "3 to 63 lower-case letters, digits or dashes, beginning with a letter",
        "",
    ).describe(
        "First label of the machine's host name in the region's cloudapp.azure.com. Empty means an address only.",
    ),
    subnetId: armId("Microsoft.Network/virtualNetworks", "subnets").describe(
        "Resource id of an existing subnet for the machine. Empty makes a network of its own.",
    ),
    sshFrom: ranges().describe(
        "Address ranges that may connect to the machine by SSH, such as 198.51.100.7/32. None by default.",
    ),
    httpFrom: ranges().describe(
        "Address ranges that may ask the classifier on the machine. None by default.",
    ),
    shutdownTime: text(/^(([01]\d|2[0-3]):[0-5]\d)?$/, "a time of the day such as 19:00", "").describe(
        "Time of the day at which the machine stops by itself, such as 19:00. Empty means never.",
    ),
    shutdownTimeZone: text(
        /^[A-Za-z0-9 .+()-]{1,64}$/,
        "Windows' name of a time zone, such as W. Europe Standard Time",
        "UTC",
    ).describe("Windows' name of the time zone of shutdownTime, such as W. Europe Standard Time."),

    // Manifest
    ...manifestSettings.shape,

    // Check
    check: oneOf(["http", "reported", "none"], "reported").describe(
        "How an update is verified. reported waits until the device reports the module running with this image, " +
            "http also asks the classifier over HTTP (needs deviceAddress), none does not look.",
    ),
    deviceAddress: text(
        /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])?$/,
        "a host name or an address without scheme and port",
        "",
    ).describe(
        "Host name or address under which the device is reached, for the classifier's URL. Empty when unknown.",
    ),
    checkTimeoutSeconds: wholeNumber(1, 86_400)
        .optional()
        .describe(
            `How long the check waits before the update fails, in seconds. Left out it is ${defaultCheckTimeouts.machine} ` +
                `with edgeVm, whose machine installs everything first, and ${defaultCheckTimeouts.device} for a device ` +
                "that you bring.",
        ),
    whenOffline: oneOf(["fail", "accept"], "fail").describe(
        "What the check makes of a device that has never connected: fail, or accept with a warning, for an existing " +
            "device that is switched on later.",
    ),
});

/** Settings that must be set with `--secret`, and reach the program as secret outputs. */
export const secretSettings = z.object({
    devicePrivateKey: z
        .string("a private key in PEM")
        .regex(/^(-----BEGIN (EC |RSA )?PRIVATE KEY-----[\s\S]+-----END (EC |RSA )?PRIVATE KEY-----\s*)?$/)
        .default("")
        .describe("With x509 and edgeVm: the private key of deviceCertificate, PEM."),
    ...secretManifestSettings.shape,
});

/** Settings that may hold a secret and need not: they can be set either way. */
export const maybeSecret: readonly string[] = ["proxy"];

/** Settings of former versions, each with what to know before it is taken out of a stack's configuration. */
export const removedSettings: Readonly<Record<string, string>> = {
    smallDevice: "edgeHub takes its own default.",
};

/** The plain settings, checked. */
export type Settings = z.infer<typeof settings>;
/** The secret settings, checked, as they are in clear. */
export type SecretSettings = z.infer<typeof secretSettings>;

function oneOf<const T extends readonly [string, ...string[]]>(
    values: T,
    fallback: T[number],
    expected = values.join(" or "),
) {
    return z.enum(values, expected).default(fallback as never);
}

function text(pattern: RegExp, expected: string, fallback: string) {
    return z.string(expected).regex(pattern).default(fallback);
}

function flag(fallback: boolean) {
    return z.boolean("true or false").default(fallback);
}

function integer(fallback: number, least: number, most: number) {
    return wholeNumber(least, most).default(fallback);
}

function wholeNumber(least: number, most: number) {
    return z.int(`a whole number from ${least} to ${most}`).min(least).max(most);
}

function ranges() {
    return z
        .array(z.string().refine(isAddressRange))
        .meta({ expected: 'a list of address ranges such as ["198.51.100.7/32"]' })
        .default([]);
}

/** The id of an ARM resource, or nothing. */
function armId(type: string, child?: string) {
    const below = child ? `${type}/NAME/${child}` : type;
    const path = child ? `${type}/[^/]+/${child}/[^/]+` : `${type}/[^/]+`;
    return text(
        new RegExp(`^(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${path})?$`, "i"),
        `a resource id /subscriptions/…/resourceGroups/…/providers/${below}/NAME`,
        "",
    );
}
