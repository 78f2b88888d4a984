import { identityEtag, twinEtag } from "./etag";
import type { DeviceRecord, ModuleRecord, TwinRecord, TwinSection } from "./hubData";

/**
 * What the hub answers about a device, a module and a twin: the Swagger's shapes. The service writes some empty members
 * as null where the Swagger has a string; they are left out here.
 */
export function deviceView(device: DeviceRecord, connected: boolean) {
    return {
        deviceId: device.deviceId,
        generationId: device.generationId,
        etag: identityEtag(device.revision),
        connectionState: connectionState(connected),
        status: device.status,
        statusReason: device.statusReason,
        connectionStateUpdatedTime: device.connectionStateUpdatedTime,
        statusUpdatedTime: device.statusUpdatedTime,
        lastActivityTime: device.lastActivityTime,
        cloudToDeviceMessageCount: 0,
        authentication: device.authentication,
        capabilities: device.capabilities,
        deviceScope: device.deviceScope,
        parentScopes: device.parentScopes,
    };
}

/** An identity as the hub shows it, keys included. */
export type Device = ReturnType<typeof deviceView>;

export function moduleView(module: ModuleRecord, connected: boolean) {
    return {
        moduleId: module.moduleId,
        managedBy: module.managedBy,
        deviceId: module.deviceId,
        generationId: module.generationId,
        etag: identityEtag(module.revision),
        connectionState: connectionState(connected),
        connectionStateUpdatedTime: module.connectionStateUpdatedTime,
        lastActivityTime: module.lastActivityTime,
        cloudToDeviceMessageCount: 0,
        authentication: module.authentication,
    };
}

/** A module identity as the hub shows it. */
export type Module = ReturnType<typeof moduleView>;

/** `module` is given for the twin of a module, which then shows that identity; its status is the device's. */
export function twinView(
    twin: TwinRecord,
    device: DeviceRecord,
    module: ModuleRecord | undefined,
    connected: boolean,
) {
    const identity = module ?? device;
    return {
        deviceId: device.deviceId,
        moduleId: module?.moduleId,
        etag: twinEtag(twin.version),
        deviceEtag: identityEtag(identity.revision),
        status: device.status,
        statusReason: device.statusReason,
        statusUpdateTime: device.statusUpdatedTime,
        connectionState: connectionState(connected),
        lastActivityTime: identity.lastActivityTime,
        cloudToDeviceMessageCount: 0,
        authenticationType: identity.authentication.type,
        x509Thumbprint: identity.authentication.x509Thumbprint ?? {},
        version: twin.version,
        tags: twin.tags,
        properties: { desired: sectionView(twin.desired), reported: sectionView(twin.reported) },
        ...(module ? {} : { capabilities: device.capabilities, deviceScope: device.deviceScope }),
    };
}

export function sectionView(section: TwinSection) {
    return { ...section.values, $metadata: section.metadata, $version: section.version };
}

function connectionState(connected: boolean): "Connected" | "Disconnected" {
    return connected ? "Connected" : "Disconnected";
}
