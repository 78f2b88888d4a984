import type { ModuleIdentity } from "./moduleRuntime";

/** Where a module finds its hub and its workload API. */
export interface ModuleReach {
    gatewayHostName: string;
    /** `unix:///…` */
    workloadUri: string;
}

/** The environment variables by which the IoT Edge runtime tells a module who and where it is (`EnvironmentVariables.md`). */
export function edgeEnvironment(
    { deviceId, moduleId, hubHostName, generationId }: ModuleIdentity,
    { gatewayHostName, workloadUri }: ModuleReach,
): Record<string, string> {
    return {
        IOTEDGE_DEVICEID: deviceId,
        IOTEDGE_MODULEID: moduleId,
        IOTEDGE_IOTHUBHOSTNAME: hubHostName,
        IOTEDGE_GATEWAYHOSTNAME: gatewayHostName,
        IOTEDGE_WORKLOADURI: workloadUri,
        IOTEDGE_APIVERSION: "2018-06-28",
        IOTEDGE_AUTHSCHEME: "sasToken",
        IOTEDGE_MODULEGENERATIONID: generationId,
    };
}

/** Reads the `NAME=value` lines of a container's configuration. */
export function variables(lines: string[] | null | undefined): Record<string, string> {
    return Object.fromEntries(
        (lines ?? []).map((line) => {
            const equals = line.indexOf("=");
            return equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
        }),
    );
}
