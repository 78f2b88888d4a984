import type { Settings } from "./settings";

/** The settings that name a resource which exists already, with ARM's id; a subnet is looked for with a machine only. */
export function existingIds({
    hubId,
    registryId,
    subnetId,
    edgeVm,
}: Pick<Settings, "hubId" | "registryId" | "subnetId" | "edgeVm">): [setting: string, id: string][] {
    const ids = Object.entries({ hubId, registryId, subnetId: edgeVm ? subnetId : "" });
    return ids.filter(([, id]) => id !== "");
}

/** The subscription that an id of ARM's names, in lower case. */
export function subscriptionOf(id: string): string {
    return id.split("/")[2]?.toLowerCase() ?? "";
}
