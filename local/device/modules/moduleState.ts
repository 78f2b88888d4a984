import type { DesiredModule } from "./desiredModule";
import type { ModuleRecord } from "./moduleRecords";
import type { DeviceImage, ModuleRuntime } from "./moduleRuntime";
import { statusAfterExit } from "./restartPolicy";

/** The record of a module that has just been made. */
export function created(
    desired: DesiredModule,
    { digest, imageHash }: DeviceImage,
    runtime: ModuleRuntime["kind"],
): ModuleRecord {
    return {
        desired,
        digest,
        imageHash,
        runtime,
        runtimeStatus: "stopped",
        statusDescription: "created",
        exitCode: 0,
        restartCount: 0,
        awaitsStart: true,
    };
}

/** The record of a module once it runs. */
export function running(record: ModuleRecord): ModuleRecord {
    return { ...record, runtimeStatus: "running", statusDescription: "running", exitCode: 0 };
}

/** The record of a module that ended by itself: its restart policy decides whether it waits for a restart. */
export function ended(
    record: ModuleRecord,
    exitCode: number,
    statusDescription: string,
    now: number,
): ModuleRecord {
    const runtimeStatus = statusAfterExit(record.desired, exitCode !== 0, record.restartCount);
    return { ...withoutProcess(record), exitCode, statusDescription, runtimeStatus, lastExit: now };
}

/** The record of a module that the device stopped; there is an exit code when it ran until then. */
export function stopped(record: ModuleRecord, exitCode: number | undefined, now: number): ModuleRecord {
    return {
        ...withoutProcess(record),
        ...(exitCode !== undefined && { exitCode, lastExit: now }),
        runtimeStatus: "stopped",
        statusDescription: "stopped by the device",
        restartCount: 0,
        awaitsStart: true,
    };
}

/**
 * The record of a module that was stopped because its device was switched off. One whose policy is to be never restarted
 * stays down, as a container does after a reboot.
 */
export function switchedOff(record: ModuleRecord): ModuleRecord {
    return {
        ...record,
        runtimeStatus: "stopped",
        statusDescription: "stopped with the device",
        awaitsStart: record.desired.restartPolicy !== "never",
    };
}

/** The record without the traces of a process that is gone. */
export function withoutProcess({ process: _gone, ...record }: ModuleRecord): ModuleRecord {
    return record;
}
