import { type DeploymentFailure, deploymentFailure } from "./deploymentFailure";

/** The part of the $edgeAgent twin that tells how a deployment goes (Azure/iotedge, DeploymentStatusCode.cs). */
export interface EdgeAgentTwin {
    deviceId?: string;
    /** Of the device's identity. */
    status?: string;
    connectionState?: string;
    lastActivityTime?: string;
    properties: {
        desired: { $version: number };
        reported: {
            lastDesiredVersion?: number;
            lastDesiredStatus?: { code?: number; description?: string };
            modules?: Record<string, ReportedModule | undefined>;
        };
    };
}

interface ReportedModule {
    runtimeStatus?: string;
    statusDescription?: string;
    exitCode?: number;
    restartCount?: number;
    lastStartTimeUtc?: string;
    settings?: { image?: string };
}

/** The way of a deployment, with how long each part of it usually takes, in seconds. */
export const stages = {
    "device connected": 300,
    "manifest received": 60,
    "image pulled": 120,
    "module running": 20,
    "answers over HTTP": 20,
} as const;

/** One of the parts of that way, in its order. */
export type Stage = keyof typeof stages;

/** How far a deployment is. */
export interface ModuleState {
    /** The stage that is waited for; undefined when there is none left. */
    readonly awaits: Stage | undefined;
    /** What is reported. */
    readonly description: string;
    /** What stands in the way, where something does. */
    readonly failure?: DeploymentFailure;
    /** The device has not connected once since it was made. */
    readonly neverConnected?: boolean;
    /** Differs from one start of the module to the next. A module that ends is reported running for a moment, too. */
    readonly run?: string;
}

/**
 * With so many restarts the pauses between them are 10, 20 and 40 seconds: a module that ended each time is not waiting
 * for something that comes by itself.
 */
const restartsUntilFinal = 3;

/** Judges what the device reports against the manifest's newest version and the wanted image. */
export function moduleState(twin: EdgeAgentTwin, moduleName: string, image: string): ModuleState {
    const { desired, reported } = twin.properties;
    const { lastDesiredVersion, lastDesiredStatus } = reported;
    if (lastDesiredVersion !== desired.$version) return beforeTheManifest(twin);
    if (lastDesiredStatus?.code !== 200) return refused(twin, moduleName, image);
    const module = reported.modules?.[moduleName];
    if (!module)
        return { awaits: "image pulled", description: `the device does not report ${moduleName} yet` };
    if (module.settings?.image !== image) {
        const found = module.settings?.image ?? "no image";
        return { awaits: "image pulled", description: `${moduleName} runs ${found}` };
    }
    if (module.runtimeStatus !== "running") return notRunning(module, moduleName);
    const { restartCount = 0, lastStartTimeUtc = "" } = module;
    return {
        awaits: undefined,
        description: `${moduleName} is running ${image}`,
        run: `${restartCount} ${lastStartTimeUtc}`,
    };
}

/** edgeAgent reports a version only when it has pulled and started what the manifest asks for, or failed to. */
function beforeTheManifest({ properties, ...identity }: EdgeAgentTwin): ModuleState {
    const { deviceId = "", status, connectionState, lastActivityTime = "" } = identity;
    const { lastDesiredVersion } = properties.reported;
    const awaits = lastDesiredVersion === undefined ? "device connected" : "manifest received";
    const description =
        lastDesiredVersion === undefined
            ? "the device has not reported yet"
            : `the device is at version ${lastDesiredVersion} of ${properties.desired.$version} of the manifest`;
    if (status === "disabled") {
        return { awaits, description, failure: deploymentFailure({ kind: "disabled", deviceId }) };
    }
    if (connectionState === "Connected") return { awaits: "manifest received", description };
    // The hub writes the year 1 for a device that it has not seen.
    const lastActivity = /^(0001|$)/.test(lastActivityTime) ? undefined : lastActivityTime;
    return {
        awaits,
        description,
        failure: deploymentFailure({ kind: "offline", deviceId, lastActivity }),
        neverConnected: lastActivity === undefined && lastDesiredVersion === undefined,
    };
}

function refused({ properties }: EdgeAgentTwin, moduleName: string, image: string): ModuleState {
    const { code, description } = properties.reported.lastDesiredStatus ?? {};
    const module = properties.reported.modules?.[moduleName];
    const isPulled = module?.settings?.image === image;
    return {
        awaits: code !== 500 ? "manifest received" : isPulled ? "module running" : "image pulled",
        description: `the device answers the manifest with ${code ?? "no status"}${description ? `: ${description}` : ""}`,
        failure: deploymentFailure({ kind: "refused", code, description }),
    };
}

function notRunning(module: ReportedModule, name: string): ModuleState {
    const { runtimeStatus = "unknown", exitCode = 0, statusDescription = "", restartCount = 0 } = module;
    const description =
        `${name} is ${runtimeStatus}${exitCode ? `, exit code ${exitCode}` : ""}` +
        `${statusDescription ? `: ${statusDescription}` : ""}`;
    if (!["backoff", "failed", "dead"].includes(runtimeStatus))
        return { awaits: "module running", description };
    const failure = deploymentFailure({
        kind: "ended",
        module: name,
        runtimeStatus,
        exitCode,
        description: statusDescription,
    });
    // A module that has failed three times for a reason of its own will fail again.
    const isHopeless = restartCount >= restartsUntilFinal && !failure.mendsItself;
    return {
        awaits: "module running",
        description,
        failure: isHopeless ? { ...failure, patienceSeconds: 0 } : failure,
    };
}
