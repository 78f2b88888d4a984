import { callManagement } from "./arm/managementCall";
import type { DeviceStatus } from "./device/deviceStatus";
import type { RunningDataPlanes } from "./planes/dataPlanes";

/** Everything that runs, at a glance. */
export interface LocalStatus {
    /** The hub that devices and service use; null when none exists. */
    readonly hub: { readonly hostName: string; readonly caFile: string } | null;
    readonly registry: { readonly loginServer: string } | null;
    readonly devices: readonly DeviceStatus[];
    /** The plan of faults that was asked for; null when calls do not fail. */
    readonly faults: string | null;
    readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** The path below the management endpoint that answers the status; no path of ARM looks like it. */
export const statusPath = "/localAzure/status";

/** What the background process answers. During a replacement the newest hub and registry are shown. */
export function statusOf(dataPlanes: RunningDataPlanes, caFile: string, faults = "none"): LocalStatus {
    const hubs = dataPlanes.devices();
    const devices = hubs.flatMap((hub) => hub.devices.status());
    const modules = devices.flatMap(({ deviceId, modules }) =>
        modules.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name: `${deviceId}/${name}`, pid }])),
    );
    const hub = hubs.at(-1);
    const registry = dataPlanes.registries().at(-1);
    return {
        hub: hub ? { hostName: hub.hubHostName, caFile } : null,
        registry: registry ?? null,
        devices,
        faults: faults === "none" ? null : faults,
        processes: [{ name: "local Azure", pid: process.pid }, ...modules],
    };
}

/** Asks the background process of `folder`. */
export function localStatus(folder: string): Promise<LocalStatus> {
    return callManagement<LocalStatus>(folder, "GET", statusPath);
}
