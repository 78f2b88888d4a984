import type { Wait } from "../faults/unfriendly";
import type { DataPlanes } from "../planes/dataPlanes";
import type { ArmResource } from "./armResource";
import type { LongRunning } from "./longRunning";

/** Inputs or outputs of a resource as the SDK sees them. */
export type Properties = Record<string, unknown>;

/**
 * One resource type of the local Azure, both as the azure-native provider knows it (inputs, checks, replacement) and
 * as ARM serves it (provisioning, actions). `defineType` completes one from what is particular to it.
 */
export interface ResourceType {
    /** Pulumi's token, such as `azure-native:iothub:IotHubResource`. */
    readonly token: string;
    /** The version that azure-native 3.28.0 calls by default. */
    readonly apiVersion: string;
    /** ARM's type, such as `Microsoft.Devices/IotHubs`. */
    readonly armType: string;
    readonly name: NameRule;
    /** Inputs without which Check fails. */
    readonly required: readonly string[];
    /** Every input that the SDK declares. */
    readonly inputs: readonly string[];
    /** Values that the SDK's schema fills in. */
    readonly defaults?: Properties;
    /** Inputs whose change makes another resource. */
    readonly replaceOnChange: readonly string[];
    /** Outputs that only Azure knows, unknown in a preview of a creation. */
    readonly computed: readonly string[];
    /** The body of the PUT: what is not in the path. */
    toBody(inputs: Properties): Partial<ArmResource>;
    /** The SDK's outputs, which sometimes flatten ARM's `properties`. */
    toOutputs(resource: ArmResource): Properties;
    /** The ARM id of a resource with these inputs. */
    idOf(inputs: Properties): string;
    /** Ids of the resources that this one uses; Azure refuses a PUT while one of them is missing. */
    references?(resource: ArmResource): readonly string[];
    readonly service: ResourceService;
    /** What takes long on it; without this every change is done when it is answered. */
    readonly longRunning?: LongRunning;
    /** Functions of the SDK that ask an action of this type, by token. */
    readonly functions: Readonly<Record<string, FunctionType>>;
}

/** What a name must look like, and the input that carries it. */
export interface NameRule {
    readonly property: string;
    /** The inputs that name what the resource lies within, outermost first, such as a subnet's network. */
    readonly parents?: readonly string[];
    readonly pattern: RegExp;
    readonly rule: string;
    /** True where the name is part of a host name and so taken for everyone. */
    readonly global?: boolean;
}

/** A function such as `iothub:listIotHubResourceKeysForKeyName` or `iothub:getIotHubResource`. */
export interface FunctionType {
    readonly required: readonly string[];
    /** The POST it sends below the resource's id; without one it gets the resource itself. */
    action?(args: Properties): string;
}

/** ARM's side of a type. */
export interface ResourceService {
    /** Completes or refuses a PUT; throws an {@link ArmError}. */
    provision(
        wanted: ArmResource,
        previous: ArmResource | undefined,
        azure: AzureContext,
    ): Promise<ArmResource>;
    /**
     * Throws an {@link ArmError} where Azure does not delete the resource: `users` refer to it and would stay, and
     * `alone` is false where what it lies within goes too.
     */
    refuseDelete?(resource: ArmResource, users: readonly ArmResource[], alone: boolean): void;
    /** What has to go beside the stored resource, its secrets and its data plane. */
    deprovision?(resource: ArmResource, azure: AzureContext): Promise<void>;
    /** What has to run while the resource exists, taken up again when the local Azure starts. */
    resume?(resource: ArmResource, azure: AzureContext): Promise<void>;
    /** Answers a POST below the resource with its body; undefined when there is no such action. */
    action?(
        resource: ArmResource,
        action: string,
        azure: AzureContext,
        body: Properties,
    ): Properties | undefined;
}

/** What a type's service may use. */
export interface AzureContext {
    /** Every resource of an ARM type, in all groups. */
    resourcesOfType(armType: string): ArmResource[];
    /** The resource with this id, when there is one. */
    find(id: string): ArmResource | undefined;
    /** Stores what an action changed in a resource that exists. */
    replace(resource: ArmResource): void;
    /** Every resource that refers to the one with this id. */
    usersOf(id: string): ArmResource[];
    /** Secrets that ARM answers only to an action, kept apart from the resource. */
    readonly secrets: {
        get(id: string): Properties | undefined;
        put(id: string, value: Properties): void;
        remove(id: string): void;
    };
    readonly dataPlanes: DataPlanes;
    /** How late something is, in milliseconds; not at all unless Azure is unfriendly. */
    delayMs(what: Wait): number;
}
