import { ArmError } from "./armError";
import type { ArmResource } from "./armResource";

type Properties = Record<string, unknown>;

/** A change of a resource that ARM accepts first and carries out afterwards. */
export type Change = "creating" | "updating" | "deleting" | "acting";

/** How ARM carries out those changes of a type that its REST description marks `x-ms-long-running-operation`. */
export interface LongRunning {
    /** Properties of a resource while it is changed this way; a change without them is done when it is answered. */
    readonly states: Readonly<Partial<Record<Exclude<Change, "acting">, Properties>>>;
    /** Those of the answer to a PUT, where they are others. */
    readonly accepted?: Properties;
    /** Properties that a new resource has at the end of its creation only. */
    readonly comesLast?: readonly string[];
    /** The status of the answer to an update; a creation is 201. */
    readonly updated?: 200 | 201;
    /** What an operation's status is called until it ends. */
    readonly running?: string;
    /** The actions that are answered with a place to look for what they answer. */
    readonly actions?: readonly string[];
    /** Where a client learns that a PUT has ended; a resource that is polled itself is the exception. */
    readonly followed?: "by its operation" | "by the resource";
    /** Whether answers say how long to wait. */
    readonly saysWhen?: boolean;
    /** Whether an action, too, is refused while the resource is changed. */
    readonly actsWhenReady?: boolean;
    /** Whether a change also keeps what the resource lies within, and what lies within it, from being changed. */
    readonly locksFamily?: boolean;
    /** The refusal of another change until this one has ended. */
    busy(name: string): ArmError;
}

const provisioning = (provisioningState: string, more: Properties = {}) => ({ provisioningState, ...more });

/** Hubs and provisioning services (azure-cli, recordings of `iot hub create|wait` and `iot dps create|update|delete`). */
export const devicesOperations = (kind: string, ...comesLast: string[]): LongRunning => ({
    states: {
        creating: provisioning("Activating", { state: "Activating" }),
        updating: provisioning("Transitioning", { state: "Transitioning" }),
        deleting: provisioning("Deleting", { state: "Deleting" }),
    },
    accepted: provisioning("Accepted"),
    comesLast,
    updated: 201,
    running: "Running",
    saysWhen: false,
    actsWhenReady: true,
    busy: (name) =>
        new ArmError(
            409,
            "409002",
            `The ${kind} '${name}' is not currently in Active state. Try the request again after it is in Active state.`,
        ),
});

/** Registries and what lies within them (azure-cli, recording of `acr create`). */
export const registryOperations: LongRunning = {
    states: {
        creating: provisioning("Creating"),
        updating: provisioning("Updating"),
        deleting: provisioning("Deleting"),
    },
    running: "Creating",
    actions: ["generateCredentials"],
    busy: (name) => conflict(`Another operation on ${name} is in progress.`),
};

/** Networks and their parts. */
export const networkOperations: LongRunning = {
    states: {
        creating: provisioning("Updating"),
        updating: provisioning("Updating"),
        deleting: provisioning("Deleting"),
    },
    locksFamily: true,
    busy: () =>
        new ArmError(
            409,
            "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress. Please try again later.",
        ),
};

/** Virtual machines. */
export const machineOperations: LongRunning = {
    states: {
        creating: provisioning("Creating"),
        updating: provisioning("Updating"),
        deleting: provisioning("Deleting"),
    },
    busy: () => conflict("The request failed due to conflict with a concurrent request."),
};

/** Key vaults: their creation is followed by their own state, and nothing else takes long. */
export const vaultOperations: LongRunning = {
    states: { creating: provisioning("RegisteringDns") },
    followed: "by the resource",
    busy: (name) => conflict(`Another operation on the vault ${name} is in progress.`),
};

/** Resource groups: only their deletion takes long. */
export const groupOperations: LongRunning = {
    states: { deleting: provisioning("Deleting") },
    busy: (name) =>
        new ArmError(
            409,
            "ResourceGroupBeingDeleted",
            `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
        ),
};

/** A refusal that ARM's clients do not repeat by themselves. */
export function conflict(message: string): ArmError {
    return new ArmError(409, "Conflict", message);
}

/** The resource as it is shown while it is changed. */
export function whileChanged(
    resource: ArmResource,
    { states, comesLast = [] }: LongRunning,
    change: Exclude<Change, "acting">,
): ArmResource {
    const made = Object.entries(resource.properties).filter(
        ([property]) => change !== "creating" || !comesLast.includes(property),
    );
    return { ...resource, properties: { ...Object.fromEntries(made), ...states[change] } };
}
