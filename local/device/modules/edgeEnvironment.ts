import type { ModuleIdentity } from "./moduleRuntime";

/** Where a module finds its hub and its workload API. */
export interface ModuleReach {
    gatewayHostName: string;
    /** `unix:///…` */
    workloadUri: string;
}

/** What the IoT Edge runtime tells a module by environment variables (`EnvironmentVariables.md`, module client SDKs). */
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
