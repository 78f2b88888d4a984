import type { ProcessIdentity } from "../../../setup/processIdentity";
import type { Collection } from "../../base/store";
import type { DesiredModule } from "./desiredModule";

/** What the device remembers of a module that it made; plain JSON in the store. */
export interface ModuleRecord {
    /** What it was made from. */
    desired: DesiredModule;
    /** Digest of the image's manifest, by which a runtime finds the image. */
    digest: string;
    /** Digest of the image's configuration, which Docker calls the image's id. */
    imageHash: string;
    runtimeStatus: "running" | "stopped" | "failed" | "backoff";
    statusDescription: string;
    exitCode: number;
    /** Times are in milliseconds since 1970. */
    lastStart?: number;
    lastExit?: number;
    lastRestart?: number;
    restartCount: number;
    /** True while it has not run yet or the device stopped it: its next start does not count as a restart. */
    awaitsStart: boolean;
    /** Written before the process may begin, so that no start of the device overlooks one. */
    process?: ProcessIdentity;
    /** How it runs; absent in older records, whose modules are processes. */
    runtime?: "container" | "process";
    /** Id of the container, once there is one. */
    container?: string;
}

/** The records of one device's modules, by name. */
export type ModuleRecords = ReturnType<typeof openModuleRecords>;

/** Opens the records that are kept in the store. */
export function openModuleRecords(kept: Collection<ModuleRecord>) {
    const records = new Map(kept.entries());
    return {
        all: (): ReadonlyMap<string, ModuleRecord> => records,
        /** Throws a sentence when the device has no such module. */
        get(name: string): ModuleRecord {
            const record = records.get(name);
            if (!record) throw new Error(`The device has no module ${name}.`);
            return record;
        },
        save(record: ModuleRecord): ModuleRecord {
            kept.put(record.desired.name, record);
            records.set(record.desired.name, record);
            return record;
        },
        remove(name: string): void {
            kept.remove(name);
            records.delete(name);
        },
    };
}
