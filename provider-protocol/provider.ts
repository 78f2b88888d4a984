/** The properties of a resource as JSON has them; unknown and secret values are marked in the ways below. */
export type Properties = Record<string, unknown>;

/** What the engine sends in place of a value that is not known yet (Pulumi SDK, rpc.ts). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Marks an output as secret, as the engine's protocol does (Pulumi SDK, rpc.ts); the engine then encrypts it. */
export function secret(value: unknown): Properties {
    return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** A resource as the engine names it. */
export interface ResourceName {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
}

/** How a name may be made up: Pulumi's own proposal, if it has one, and the seed of the random part. */
export interface NameProposal {
    readonly randomSeed: Uint8Array;
    readonly proposedName?: string;
}

/** What differs between old and new inputs: property paths and whether each forces a replacement. */
export interface Diff {
    readonly changes: ReadonlyMap<string, "add" | "delete" | "update">;
    readonly replaces: readonly string[];
    /** Counts also where the engine replaces for a reason of its own, such as `pulumi up --replace`. */
    readonly deleteBeforeReplace: boolean;
}

/** Why an input is refused. */
export interface CheckFailure {
    property: string;
    reason: string;
}

/** A provider in terms of plain objects; `providerHandlers.ts` speaks the engine's protocol for it. */
export interface Provider {
    /** The package's schema as JSON (pulumi.com: "Package schema"); absent from a stand-in, whose SDK exists. */
    schema?(): string;
    /** Checks the configuration of the provider itself. */
    checkConfig?(news: Properties): { inputs: Properties; failures: CheckFailure[] };
    configure?(variables: Record<string, string>): void;
    check(
        resource: ResourceName,
        olds: Properties,
        news: Properties,
        names: NameProposal,
    ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
    /** `state` is what was stored as the resource's outputs. */
    diff(resource: ResourceName, oldInputs: Properties, news: Properties, state: Properties): Promise<Diff>;
    create(
        resource: ResourceName,
        inputs: Properties,
        preview: boolean,
    ): Promise<{ id: string; properties: Properties }>;
    /** Undefined when the resource is gone. */
    read(
        resource: ResourceName,
        id: string,
        inputs: Properties,
        state: Properties,
    ): Promise<{ inputs: Properties; properties: Properties } | undefined>;
    update(
        resource: ResourceName,
        id: string,
        news: Properties,
        state: Properties,
        preview: boolean,
    ): Promise<Properties>;
    delete(resource: ResourceName, id: string, state: Properties): Promise<void>;
    /** Absent from a provider that has no functions. */
    invoke?(token: string, args: Properties): Promise<Properties>;
}

/** Sends a line to the engine's display, under the resource it belongs to. */
export type Log = (resource: ResourceName, line: string) => void;

/** Raised for a resource that this provider must not touch. */
export class RefusedError extends Error {}

/** A creation that was begun and whose end is not known: the engine keeps the resource, and its next update goes on with it. */
export class UnfinishedCreation extends Error {
    readonly id: string;
    readonly properties: Properties;

    constructor(id: string, properties: Properties, message: string) {
        super(message);
        this.id = id;
        this.properties = properties;
    }
}

/** Takes a URN apart; its type is the last of the chain of parents. */
export function resourceName(urn: string): ResourceName {
    const [, , types = "", ...name] = urn.split("::");
    return { urn, type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/** True for a plain object. */
export function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
