import { HubError } from "../planes/hub/errors";
import type { ModuleLink } from "../planes/hub/links/moduleLinks";
import type { LocalHub } from "../planes/hub/plane";
import type { Device } from "../planes/hub/views";
import { signSas } from "../planes/sas";
import type { Claim } from "./provisioning/enrolledDevices";

/** How a device reaches its hub: what the identity service is to a real device. */
export interface HubConnection {
    /** Connects as one of the device's modules; throws when the hub refuses. */
    connect(moduleId: string): ModuleLink;
    /** Tells a module identity from an earlier one of the same name. */
    generationId(moduleId: string): string;
    /** The key of a module's identity, base64; undefined when there is no such module or it has no key. */
    key(moduleId: string): string | undefined;
}

/** The key with which a device registered, and what it does when its hub does not take that. */
type Registered = Pick<Claim, "key" | "refused">;

/**
 * Lets a device connect with the key that it has now, as a provisioned machine does: a new key cuts it off. One that
 * registered itself has the key of its enrollment, and registers anew when it is refused as $edgeAgent.
 */
export function provision(
    hub: LocalHub,
    { deviceId, authentication }: Device,
    registered?: Registered,
): HubConnection {
    const key = registered?.key ?? authentication.symmetricKey?.primaryKey;
    const find = (moduleId: string) => hub.modules(deviceId).find((module) => module.moduleId === moduleId);
    return {
        connect(moduleId) {
            if (!key)
                throw new Error(
                    `The device ${deviceId} has no symmetric key; this device knows no other proof.`,
                );
            const expiresAt = new Date(Date.now() + 60 * 60 * 1000);
            const sas = signSas({ resource: `${hub.hostName}/devices/${deviceId}`, key, expiresAt });
            try {
                return hub.connectModule({ deviceId, moduleId, sas });
            } catch (error) {
                if (moduleId === "$edgeAgent" && isRefusal(error)) registered?.refused(error.message);
                throw error;
            }
        },
        generationId: (moduleId) => find(moduleId)?.generationId ?? "",
        key(moduleId) {
            const identity = find(moduleId);
            // The hub makes no key for the modules of a manifest, and takes the device's signature instead.
            return identity && (identity.authentication.symmetricKey?.primaryKey ?? key);
        },
    };
}

function isRefusal(error: unknown): error is HubError {
    return error instanceof HubError && error.name === "IotHubUnauthorizedAccess";
}

/** The connection of a device whose identity is gone, and which is started only to be erased. */
export const noConnection: HubConnection = {
    connect() {
        throw new Error("the identity of this device was deleted");
    },
    generationId: () => "",
    key: () => undefined,
};
