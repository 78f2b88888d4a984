import type { ModuleIdentity } from "./moduleRuntime";

/** What the IoT Edge runtime tells a module by environment variables (`EnvironmentVariables.md`, module client SDKs). */
export function edgeEnvironment({
    deviceId,
    moduleId,
    hubHostName,
    generationId,
}: ModuleIdentity): Record<string, string> {
    return {
        IOTEDGE_DEVICEID: deviceId,
        IOTEDGE_MODULEID: moduleId,
        IOTEDGE_IOTHUBHOSTNAME: hubHostName,
        IOTEDGE_AUTHSCHEME: "sasToken",
        IOTEDGE_MODULEGENERATIONID: generationId,
    };
}
