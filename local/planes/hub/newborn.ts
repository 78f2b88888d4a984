import { HubError } from "./errors";

/** How long after its creation a hub is late, in milliseconds; no time where Azure is not unfriendly. */
export type HubDelay = (what: "a hub that answers" | "a role on a hub") => number;

/** A hub that ARM has made and that the rest of Azure does not know yet. */
export interface Newborn {
    /** Throws what the hub answers until it is active and known. */
    admit(): void;
    /** Whether the roles that were assigned on it have reached it. */
    knowsRoles(): boolean;
}

/**
 * What a hub created at a time (ISO 8601; undefined counts as long ago) answers at first: 409 in ARM's words (azure-powershell
 * issue 16842), then 401 (azure-iot-cli-extension issue 77). Each delay is asked for once.
 */
export function newborn(createdAt: string | undefined, delayMs: HubDelay, now = Date.now): Newborn {
    const created = createdAt === undefined ? 0 : Date.parse(createdAt);
    const answers = created + delayMs("a hub that answers");
    const roles = created + delayMs("a role on a hub");
    return {
        admit() {
            if (now() >= answers) return;
            if (now() - created < (answers - created) / 2) {
                throw new HubError(
                    "IotHubNotActive",
                    "The hub is not currently in Active state. Try the request again after it is in Active state.",
                );
            }
            throw new HubError("IotHubNotFound", "Unauthorized");
        },
        knowsRoles: () => now() >= roles,
    };
}
