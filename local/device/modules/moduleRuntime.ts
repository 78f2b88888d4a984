import type { RegistryAccount } from "../../planes/registry/client";
import type { Clock } from "../clock";
import type { DesiredModule } from "./desiredModule";
import type { ImageReference } from "./imageReference";
import type { ModuleRecord } from "./moduleRecords";

/** Who a module is, as the IoT Edge runtime tells it by environment variables. */
export interface ModuleIdentity {
    deviceId: string;
    moduleId: string;
    hubHostName: string;
    generationId: string;
}

/** What every runtime is told about its device. */
export interface RuntimeOptions {
    /** The folder that is the device's own disk. */
    folder: string;
    identity(moduleId: string): ModuleIdentity;
    /** The file that a module's output is appended to. */
    logFile(moduleId: string): string;
    /** Opens a module's workload API; returns the folder of its socket. */
    workload(moduleId: string): Promise<string>;
    clock: Clock;
    log(line: string): void;
}

/** An image that lies on the device. */
export interface DeviceImage {
    /** Digest of the image's manifest. */
    digest: string;
    /** Digest of the image's configuration, which Docker calls the image's id. */
    imageHash: string;
}

/** A module that runs, and the end of it. */
export interface RunningModule {
    /** Its exit code as a shell counts: 128 and the signal's number for a module that a signal ended. */
    exited: Promise<number>;
    /** Asks the module to end, insists after a while, and resolves when it has ended. */
    stop(): Promise<void>;
    /** What the log calls it, such as `process 4711`. */
    title: string;
}

/** What a runtime has to remember of a module: where to find it again after a crash. */
export type ModuleTraces = Pick<ModuleRecord, "process" | "container">;

/** How a module is now that an earlier run of this program left behind. */
export type LeftModule = { running: RunningModule } | { exitCode: number } | { ended: true };

/** What runs the modules of one device: processes of this machine, or containers of a Docker engine. */
export interface ModuleRuntime {
    readonly kind: "process" | "container";
    /** The image, when it lies here complete. */
    findImage(reference: ImageReference): Promise<DeviceImage | undefined>;
    /** Whether a module's image is still here, as far as is known without looking. */
    hasImage(digest: string): boolean;
    /** Pulls what is missing; `signal` gives up. */
    pull(reference: ImageReference, account: RegistryAccount, signal: AbortSignal): Promise<DeviceImage>;
    /** Removes the images that this device pulled, all but those named. */
    keepOnly(digests: ReadonlySet<string>): Promise<void>;
    /** Makes a module anew, without what an earlier one of its name wrote. It does not run yet. */
    create(module: DesiredModule, image: DeviceImage): Promise<ModuleTraces>;
    /** Runs it; `note` puts its traces on record before it may begin. */
    start(record: ModuleRecord, note: (traces: ModuleTraces) => void): Promise<RunningModule>;
    /** Removes what `create` made. */
    remove(record: ModuleRecord): Promise<void>;
    /**
     * Finds what an earlier run left, before anything is started: says how the modules are that were recorded as running,
     * and ends what nobody recorded.
     */
    takeUp(records: readonly ModuleRecord[]): Promise<Map<string, LeftModule>>;
    /** Removes everything that this device has in the runtime. */
    erase(): Promise<void>;
}
