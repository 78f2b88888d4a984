/** The part of the $edgeAgent twin that tells how a deployment goes (Azure/iotedge, DeploymentStatusCode.cs). */
export interface EdgeAgentTwin {
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
    settings?: { image?: string };
}

/** How far a module is: `running` with the wanted image, on its way, or failed for a stated reason. */
export interface ModuleState {
    readonly stage: "running" | "waiting" | "failed";
    readonly description: string;
}

/** Codes that the agent does not leave by itself: bad configuration and unknown schema version. */
const finalCodes = new Set([400, 412]);

/** Judges what the device reports against the manifest's newest version and the wanted image. */
export function moduleState(twin: EdgeAgentTwin, moduleName: string, image: string): ModuleState {
    const { desired, reported } = twin.properties;
    if (reported.lastDesiredVersion === undefined) return waiting("the device has not reported yet");
    if (reported.lastDesiredVersion !== desired.$version) {
        return waiting(
            `the device is at version ${reported.lastDesiredVersion} of ${desired.$version} of the manifest`,
        );
    }
    const { code, description } = reported.lastDesiredStatus ?? {};
    if (code !== 200) {
        const found = `the device answers the manifest with ${code ?? "no status"}${description ? `: ${description}` : ""}`;
        return code !== undefined && finalCodes.has(code)
            ? { stage: "failed", description: found }
            : waiting(found);
    }
    const module = reported.modules?.[moduleName];
    if (!module) return waiting(`the device does not report ${moduleName} yet`);
    if (module.settings?.image !== image)
        return waiting(`${moduleName} runs ${module.settings?.image ?? "no image"}`);
    if (module.runtimeStatus !== "running") {
        return waiting(
            `${moduleName} is ${module.runtimeStatus ?? "unknown"}` +
                `${module.exitCode ? `, exit code ${module.exitCode}` : ""}` +
                `${module.statusDescription ? `: ${module.statusDescription}` : ""}`,
        );
    }
    return { stage: "running", description: `${moduleName} is running ${image}` };
}

function waiting(description: string): ModuleState {
    return { stage: "waiting", description };
}
