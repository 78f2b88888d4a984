import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config";
import type { ManifestOptions, RegistryCredential } from "./manifestOptions";
import { type PlannedManifestOptions, placeholderManifest } from "./placeholderManifest";
import { validateManifest } from "./validateManifest";

type Text = pulumi.Input<string>;

/** What the manifest says by the stack's configuration, once the image and who pulls it are known. */
export function manifestOptions(
    config: Config,
    image: Text,
    registry: RegistryCredential<Text> | undefined,
): ManifestOptions<Text> {
    return { ...plannedOptions(config), image, registry };
}

/** Refuses a manifest that hub, edgeAgent, edgeHub or Docker would refuse, before anything exists; all reasons at once. */
export function checkManifest(config: Config): void {
    const problems = validateManifest(placeholderManifest(plannedOptions(config)));
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}

function plannedOptions(
    config: Config,
): Omit<ManifestOptions<Text>, "image" | "registry"> & PlannedManifestOptions {
    return {
        hostPort: config.hostPort,
        deploy: config.deploy,
        runtimeVersion: config.runtimeVersion,
        moduleEnv: config.moduleEnv,
        moduleSecrets: config.moduleSecrets,
        restartPolicy: config.restartPolicy,
        imagePullPolicy: config.imagePullPolicy,
        startupOrder: config.startupOrder,
        memoryLimitMb: config.memoryLimitMb,
        cpuLimit: config.cpuLimit,
        moduleTwin: config.moduleTwin,
        logMaxSize: config.logMaxSize,
        logMaxFiles: config.logMaxFiles,
        hostStorage: config.hostStorage,
        routes: config.routes,
        timeToLiveSecs: config.timeToLiveSecs,
        upstreamProtocol: config.upstreamProtocol,
        proxy: config.proxy,
        gateway: config.gateway,
        smallDevice: config.smallDevice,
        extraModules: config.extraModules,
        extraRegistries: config.extraRegistries,
    };
}
