/** The one subscription of the local Azure; ids of any other are refused. */
export const subscriptionId = "00000000-0000-0000-0000-000000000000";

/** A resource as ARM stores and sends it. */
export interface ArmResource {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    readonly location: string;
    readonly tags?: Record<string, string>;
    readonly sku?: { readonly name: string; readonly tier?: string; readonly capacity?: number };
    readonly etag?: string;
    readonly properties: Record<string, unknown>;
}

/** The path of a resource taken apart. A resource group has the type `Microsoft.Resources/resourceGroups`. */
export interface ArmPath {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly type: string;
    readonly name: string;
    /** The id in ARM's own spelling. */
    readonly id: string;
    /** The last segment of a POST, such as `listKeys`. */
    readonly action?: string;
}

const groupType = "Microsoft.Resources/resourceGroups";
const pathPattern =
    /^\/subscriptions\/(?<subscription>[^/]+)\/resourceGroups\/(?<group>[^/]+)(?:\/providers\/(?<namespace>[^/]+)\/(?<kind>[^/]+)\/(?<name>[^/]+)(?<action>(?:\/[^/]+)*))?$/i;

/** Reads an id or a request path; undefined when it is neither. */
export function parseArmPath(path: string): ArmPath | undefined {
    const parts = pathPattern.exec(path)?.groups;
    if (!parts?.subscription || !parts.group) return undefined;
    const resourceGroup = decodeURIComponent(parts.group);
    const type = parts.namespace ? `${parts.namespace}/${parts.kind}` : groupType;
    const name = parts.name ? decodeURIComponent(parts.name) : resourceGroup;
    return {
        subscriptionId: parts.subscription,
        resourceGroup,
        type,
        name,
        id: armId(type, resourceGroup, name),
        action: parts.action ? parts.action.slice(1) : undefined,
    };
}

/** The id of a resource in the local subscription. */
export function armId(type: string, resourceGroup: string, name: string): string {
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
    return type === groupType ? group : `${group}/providers/${type}/${name}`;
}

/** Azure's spelling of a region: `West Europe` and `westeurope` are the same. */
export function normalizeLocation(location: string): string {
    return location.toLowerCase().replaceAll(" ", "");
}
