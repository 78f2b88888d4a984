import { isDeepStrictEqual } from "node:util";
import type { ArmResource } from "../armResource";
import { demand } from "../refusals";
import type { Properties } from "../resourceType";
import { checkMachineSize } from "./machineSizes";

/** What the rules below look at (Microsoft.Compute 2024-11-01). */
export interface MachineProperties {
    readonly hardwareProfile?: { readonly vmSize?: string };
    readonly networkProfile?: { readonly networkInterfaces?: readonly { readonly id?: string }[] };
    readonly storageProfile?: {
        readonly imageReference?: { readonly sku?: string };
        readonly osDisk?: { createOption?: string };
    };
    readonly osProfile?: OsProfile;
}

interface OsProfile {
    readonly adminUsername?: string;
    readonly adminPassword?: string;
    readonly computerName?: string;
    readonly customData?: string;
    readonly linuxConfiguration?: {
        readonly disablePasswordAuthentication?: boolean;
        readonly ssh?: {
            readonly publicKeys?: readonly { readonly path?: string; readonly keyData?: string }[];
        };
    };
}

/** Bytes that customData may have once decoded; documentation of osProfile.customData. */
const customDataLimit = 65_535;
/** Documentation of osProfile.adminUsername. */
const reservedNames = (
    "administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console " +
    "david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5"
).split(" ");

/** Throws for what Azure refuses to create or to change to; answers the operating system's part. */
export function checkMachine({ properties, location }: ArmResource, previous?: ArmResource): OsProfile {
    const { hardwareProfile, networkProfile, storageProfile, osProfile } = properties as MachineProperties;
    const { vmSize } = hardwareProfile ?? {};
    demandGiven(vmSize, "hardwareProfile.vmSize");
    demandGiven(networkProfile?.networkInterfaces?.length, "networkProfile.networkInterfaces");
    demandGiven(storageProfile?.osDisk?.createOption, "storageProfile.osDisk.createOption");
    // What runs keeps its size, even one that nobody gets any more.
    if (vmSize !== (previous?.properties as MachineProperties | undefined)?.hardwareProfile?.vmSize)
        checkMachineSize(vmSize, location, storageProfile.imageReference?.sku ?? "");
    const { adminUsername, computerName, customData } = osProfile ?? {};
    demandGiven(computerName, "osProfile.computerName");
    demandGiven(adminUsername, "osProfile.adminUsername");
    demandValid(
        !reservedNames.includes(String(adminUsername).toLowerCase()),
        "osProfile.adminUsername",
        "The Admin Username specified is not allowed. For more information about disallowed usernames, see " +
            "https://aka.ms/vmosprofile",
    );
    checkAccess(osProfile ?? {});
    demandValid(
        customData === undefined || isCustomData(customData),
        "customData",
        "Custom data in OSProfile must be in Base64 encoding and with a maximum length of 87380 characters.",
    );
    return osProfile ?? {};
}

/** Throws where an update would change what Azure fixes when it creates a machine. */
export function refuseChanges(wanted: ArmResource, previous: ArmResource, customData: unknown): void {
    const before = previous.properties as MachineProperties;
    const now = wanted.properties as MachineProperties;
    const fixed: [string, unknown, unknown][] = [
        ["osProfile.customData", customData, now.osProfile?.customData],
        ["osProfile.adminUsername", before.osProfile?.adminUsername, now.osProfile?.adminUsername],
        ["osProfile.computerName", before.osProfile?.computerName, now.osProfile?.computerName],
        [
            "linuxConfiguration.ssh.publicKeys",
            before.osProfile?.linuxConfiguration?.ssh?.publicKeys,
            now.osProfile?.linuxConfiguration?.ssh?.publicKeys,
        ],
        ["imageReference", before.storageProfile?.imageReference, now.storageProfile?.imageReference],
    ];
    for (const [property, old, wish] of fixed) {
        demand(
            isDeepStrictEqual(old, wish),
            "PropertyChangeNotAllowed",
            `Changing property '${property}' is not allowed.`,
            409,
        );
    }
}

/** The properties as Azure answers them: without what is only ever written. */
export function withoutSecrets(properties: Properties): Properties {
    const { adminPassword, customData, ...osProfile } = (properties.osProfile ?? {}) as OsProfile;
    const { userData, ...rest } = properties;
    return { ...rest, osProfile };
}

function checkAccess({ adminUsername, adminPassword, linuxConfiguration }: OsProfile): void {
    const keys = linuxConfiguration?.ssh?.publicKeys ?? [];
    demandValid(
        adminPassword !== undefined || keys.length > 0,
        "linuxConfiguration",
        "Authentication using either SSH or by user name and password must be enabled in Linux profile.",
    );
    demandValid(
        adminPassword === undefined || !linuxConfiguration?.disablePasswordAuthentication,
        "adminPassword",
        "Expected no password, since disablePasswordAuthentication is true.",
    );
    const home = `/home/${adminUsername}/.ssh/authorized_keys`;
    for (const { path, keyData } of keys) {
        demandValid(
            path === home,
            "linuxConfiguration.ssh.publicKeys.path",
            `Destination path for SSH public keys is currently limited to its default value ${home} due to a known ` +
                "issue in Linux provisioning agent.",
        );
        demandValid(
            /^ssh-(rsa|ed25519) [A-Za-z0-9+/]+={0,2}( .*)?\s*$/.test(keyData ?? ""),
            "linuxConfiguration.ssh.publicKeys.keyData",
            "The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.",
        );
    }
}

function isCustomData(text: string): boolean {
    const bytes = Buffer.from(text, "base64");
    return bytes.toString("base64") === text && bytes.length <= customDataLimit;
}

function demandGiven(value: unknown, parameter: string): asserts value {
    demandValid(value, parameter, `Required parameter '${parameter}' is missing (null).`);
}

function demandValid(met: unknown, parameter: string, message: string): asserts met {
    demand(met, "InvalidParameter", `${message} (target: ${parameter})`);
}
