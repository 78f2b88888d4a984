import { callManagement } from "./arm/managementCall";
import type { Route } from "./base/http/service";
import type { DeviceStatus } from "./device/deviceStatus";
import type { DataPlanes } from "./planes/dataPlanes";

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
const statusPath = "/localAzure/status";

/** Answers the status at the management endpoint. */
export function statusRoute(status: () => LocalStatus): Route {
    return { method: "GET", path: statusPath, handle: () => ({ status: 200, json: status() }) };
}

/** What the background process answers. During a replacement the newest hub and registry are shown. */
export function statusOf(
    dataPlanes: Pick<DataPlanes, "hostNames">,
    devices: readonly DeviceStatus[],
    { caFile, faults = "none" }: { caFile: string; faults?: string },
): LocalStatus {
    const modules = devices.flatMap(({ deviceId, modules }) =>
        modules.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name: `${deviceId}/${name}`, pid }])),
    );
    const hub = dataPlanes.hostNames("hub").at(-1);
    const registry = dataPlanes.hostNames("registry").at(-1);
    return {
        hub: hub === undefined ? null : { hostName: hub, caFile },
        registry: registry === undefined ? null : { loginServer: registry },
        devices,
        faults: faults === "none" ? null : faults,
        processes: [{ name: "local Azure", pid: process.pid }, ...modules],
    };
}

/** Asks the background process of `folder`. */
export function localStatus(folder: string): Promise<LocalStatus> {
    return callManagement<LocalStatus>(folder, "GET", statusPath);
}
