import type { Kind } from "../../planes/dps/enrollments";

/** What whoever sets a device up writes onto its disk: config.toml's section `[provisioning]` and the key beside it. */
export interface SetUp {
    /** Of the service, `localhost:PORT`: the `global_endpoint`. */
    readonly endpoint: string;
    readonly idScope: string;
    readonly registrationId: string;
    /** base64: that of its own entry, or derived from its group's for this registration. */
    readonly key: string;
    /** The entry that it was set up for, told apart from an earlier one of the same name. */
    readonly entry: { readonly kind: Kind; readonly id: string; readonly created: string };
}

/** Where a service assigned a device: what the identity service keeps in its file `device_info`. */
export interface Assigned {
    readonly assignedHub: string;
    readonly deviceId: string;
}

/** All that lies on the disk of a device that registers itself, apart from its modules. */
export interface EnrolledDevice {
    /** The name of the service. */
    readonly service: string;
    readonly setUp: SetUp;
    /** The id that it will have in its hub. */
    readonly deviceId: string;
    /** The hubs that it may come to: it is not set up by hand there. */
    readonly hubs: readonly string[];
    /** Whether the entry is still there. */
    readonly isEnrolled: boolean;
    readonly assigned?: Assigned;
}
