import type { ProcessIdentity } from "../../setup/processIdentity";
import type { DesiredModule } from "./desired";

/** What the device remembers of a module that it made; plain JSON in the store. */
export interface ModuleRecord {
    /** What it was made from. */
    desired: DesiredModule;
    /** Of the image's manifest: its folder's name. */
    digest: string;
    /** Of the image's configuration, which Docker calls the image's id. */
    imageHash: string;
    runtimeStatus: "running" | "stopped" | "failed" | "backoff";
    statusDescription: string;
    exitCode: number;
    /** Times in milliseconds since 1970. */
    lastStart?: number;
    lastExit?: number;
    lastRestart?: number;
    restartCount: number;
    /** It has not run yet, or the device stopped it: its next start does not count as a restart. */
    awaitsStart: boolean;
    /** Written before the process may begin, so that no start of the device overlooks one. */
    process?: ProcessIdentity;
    /** How it runs; as a process where it is not said. */
    runtime?: "container" | "process";
    /** Id of the container, once there is one. */
    container?: string;
}
