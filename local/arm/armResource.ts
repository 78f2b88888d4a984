/** The one subscription of the local Azure; ids of any other are refused. */
export const subscriptionId = "00000000-0000-0000-0000-000000000000";

/** A resource as ARM stores and sends it. */
export interface ArmResource {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    /** Left out where the resource lies within another one, such as a subnet. */
    readonly location?: string;
    readonly tags?: Record<string, string>;
    readonly sku?: { readonly name: string; readonly tier?: string; readonly capacity?: number };
    /** The managed identities of a machine. */
    readonly identity?: Record<string, unknown>;
    readonly etag?: string;
    /** When it was made and changed, which some types show (ARM, common types: systemData); times in ISO 8601. */
    readonly systemData?: { readonly createdAt: string; readonly lastModifiedAt: string };
    readonly properties: Record<string, unknown>;
}

/**
 * The path of a resource taken apart. A resource group has the type `Microsoft.Resources/resourceGroups`; a subnet, which
 * lies within a network, has the type `Microsoft.Network/virtualNetworks/subnets`.
 */
export interface ArmPath {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly type: string;
    readonly name: string;
    /** The id in ARM's own spelling. */
    readonly id: string;
    /** The resource that this one lies within; left out where it lies in the group. */
    readonly parentId?: string;
    /** The last segment of a POST, such as `listKeys`. */
    readonly action?: string;
}

const groupType = "Microsoft.Resources/resourceGroups";
const pathPattern =
    /^\/subscriptions\/(?<subscription>[^/]+)\/resourceGroups\/(?<group>[^/]+)(?:\/providers\/(?<namespace>[^/]+)\/(?<kind>[^/]+)\/(?<name>[^/]+)(?<rest>(?:\/[^/]+)*))?$/i;

/**
 * Reads an id or a request path; undefined when it is neither. What follows a name is, in pairs, the kind and name of
 * something within it, and otherwise an action.
 */
export function parseArmPath(path: string): ArmPath | undefined {
    const parts = pathPattern.exec(path)?.groups;
    if (!parts?.subscription || !parts.group) return undefined;
    const resourceGroup = decodeURIComponent(parts.group);
    const place = { subscriptionId: parts.subscription, resourceGroup };
    if (!parts.namespace) {
        const id = armId(groupType, resourceGroup, resourceGroup);
        return { ...place, type: groupType, name: resourceGroup, id };
    }
    const rest = (parts.rest ?? "").split("/").slice(1);
    const within = rest.length % 2 === 0 ? rest : [];
    const kinds = [parts.kind, ...within.filter((_, index) => index % 2 === 0)];
    const names = [parts.name ?? "", ...within.filter((_, index) => index % 2 === 1)].map(decodeURIComponent);
    const type = `${parts.namespace}/${kinds.join("/")}`;
    return {
        ...place,
        type,
        name: names.at(-1) ?? "",
        id: armId(type, resourceGroup, ...names),
        parentId: names.length > 1 ? armId(type, resourceGroup, ...names.slice(0, -1)) : undefined,
        action: within.length < rest.length ? rest.join("/") : undefined,
    };
}

/** The id of a resource in the local subscription; `names` has one name for each kind of the type, outermost first. */
export function armId(type: string, resourceGroup: string, ...names: string[]): string {
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
    if (type === groupType) return group;
    const [namespace, ...kinds] = type.split("/");
    const within = names.map((name, index) => `/${kinds[index]}/${name}`);
    return `${group}/providers/${namespace}${within.join("")}`;
}

/** The id of what a resource lies within, such as a subnet's network. */
export function parentIdOf({ id }: ArmResource): string {
    return id.split("/").slice(0, -2).join("/");
}

/** Whether `id` is that of something within `outer`; ids are the same in upper and lower case. */
export function isWithin(outer: string, id: string): boolean {
    return id.toLowerCase().startsWith(`${outer.toLowerCase()}/`);
}

/** The ids of references such as `{ subnet: { id } }`, without those that are not there. */
export function idsOf(...references: unknown[]): string[] {
    return references.flatMap((reference) => (reference as { id?: string } | undefined)?.id ?? []);
}

/** Azure's spelling of a region: `West Europe` and `westeurope` are the same. */
export function normalizeLocation(location: string): string {
    return location.toLowerCase().replaceAll(" ", "");
}
