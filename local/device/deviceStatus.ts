import { readCreateOptions } from "./modules/createOptions";
import { hostPort } from "./modules/hostPorts";
import type { ModuleRecord } from "./modules/moduleRecords";

/** How a device and its modules are. */
export interface DeviceStatus {
    deviceId: string;
    connected: boolean;
    modules: ModuleStatus[];
}

/** How a module is, as `local status` shows it. */
export interface ModuleStatus {
    name: string;
    image: string;
    status: ModuleRecord["runtimeStatus"];
    restarts: number;
    runtime: "container" | "process";
    /** Where the module answers, when one of its ports is bound. */
    url?: string;
    pid?: number;
    /** The beginning of the container's id, as Docker shows it. */
    container?: string;
}

/** The status of a module, made from its record. */
export function moduleStatus(record: ModuleRecord): ModuleStatus {
    const { desired, process, runtime = "process", container } = record;
    const port = hostPort(readCreateOptions({ createOptions: desired.createOptions }).options);
    return {
        name: desired.name,
        image: desired.image,
        status: record.runtimeStatus,
        restarts: record.restartCount,
        runtime,
        ...(port !== undefined && { url: `http://localhost:${port}` }),
        ...(process && { pid: process.pid }),
        ...(container !== undefined && { container: container.slice(0, 12) }),
    };
}
