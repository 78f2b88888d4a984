import { readCreateOptions } from "./modules/createOptions";
import { hostPort } from "./modules/hostPorts";
import type { ModuleRecord } from "./modules/moduleRecords";

/** What a device and its modules do now. */
export interface DeviceStatus {
    deviceId: string;
    connected: boolean;
    provisioning: ProvisioningStatus;
    modules: ModuleStatus[];
}

/** How a device finds its hub and proves who it is, in config.toml's words. */
export type ProvisioningStatus =
    /** It was given the key that its identity has. */
    | { source: "manual" }
    /** It registers itself at a provisioning service. */
    | {
          source: "dps";
          idScope: string;
          registrationId: string;
          /** Null while the device is not registered. */
          assignedHub: string | null;
          /** Why it is not, as far as that is known. */
          error: string | null;
      };

/** What a module does now, as `local status` shows it. */
export type ModuleStatus = ReturnType<typeof moduleStatus>;

/** The status of a module, made from its record. */
export function moduleStatus(record: ModuleRecord) {
    const { desired, process, runtime = "process", container } = record;
    const port = hostPort(readCreateOptions({ createOptions: desired.createOptions }).options);
    return {
        name: desired.name,
        image: desired.image,
        status: record.runtimeStatus,
        restarts: record.restartCount,
        runtime,
        // Where the module answers, when one of its ports is bound.
        ...(port !== undefined && { url: `http://localhost:${port}` }),
        ...(process && { pid: process.pid }),
        // The beginning of the container's id, as Docker shows it.
        ...(container !== undefined && { container: container.slice(0, 12) }),
    };
}
