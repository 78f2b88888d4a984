import type * as pulumi from "@pulumi/pulumi";
import type { EdgeVmIdentity } from "../edge-vm/edgeVmIdentity";
import type { Config } from "./config";
import { certificateThumbprint } from "./deviceCertificate";
import { DeviceProvisioning } from "./deviceProvisioning";
import * as iotedge from "./iotedge";
import type { IotHub } from "./iotHub";
import { derivedKey } from "./provider/enrollment/derivedKey";

interface Provisioned {
    readonly device: iotedge.Device;
    /** How the machine that becomes the device finds its hub and proves who it is. */
    readonly identity: EdgeVmIdentity;
}

/**
 * The device's identity, and the provisioning service with its enrollment where the stack asks for one. The identity is
 * in the hub before the device registers, with the keys of its enrollment, so that a manifest can be waiting for it.
 */
export function provisionedDevice(
    config: Config,
    { resourceGroupName, hub }: { resourceGroupName: pulumi.Input<string>; hub: IotHub },
    { provider }: { provider: iotedge.Provider },
): Provisioned {
    const opts = { provider, deletedWith: hub.created };
    const { deviceId, deviceStatus: status } = config;
    const tags = Object.keys(config.deviceTags).length > 0 ? config.deviceTags : undefined;
    const common = { hubId: hub.hubId, deviceId, tags, status };
    if (config.deviceAuth === "x509") return withCertificate(config, hub, common, opts);
    const { provisioningConnectionString } = hub;
    if (config.provisioning === "manual" || !provisioningConnectionString) {
        const device = new iotedge.Device("device", common, opts);
        const { primaryKey: key } = device;
        return {
            device,
            identity: { method: "sas", hubHostName: hub.hostName, deviceId: device.deviceId, key },
        };
    }

    const { idScope, serviceId, created } = new DeviceProvisioning("provisioning", {
        resourceGroupName,
        hub: { provisioningConnectionString, location: hub.location },
    });
    const inService = { provider, deletedWith: created };
    const enrollment = { provisioningServiceId: serviceId, hubHostName: hub.hostName, tags };
    const registration = { method: "dps" as const, idScope, registrationId: deviceId };
    if (config.provisioning === "dps-individual") {
        const device = new iotedge.Device("device", common, opts);
        const { primaryKey, secondaryKey } = device;
        const symmetricKey = { primaryKey, secondaryKey };
        new iotedge.Enrollment(
            "enrollment",
            { ...enrollment, registrationId: deviceId, symmetricKey },
            inService,
        );
        return { device, identity: { ...registration, key: primaryKey } };
    }
    // The group's own keys stay in the stack; a device has only what is derived from them for its name.
    const group = new iotedge.EnrollmentGroup("enrollment", { ...enrollment, groupId: groupName }, inService);
    const derived = (key: pulumi.Output<string>) => key.apply((groupKey) => derivedKey(groupKey, deviceId));
    const symmetricKey = {
        primaryKey: derived(group.primaryKey),
        secondaryKey: derived(group.secondaryKey),
    };
    const device = new iotedge.Device("device", { ...common, symmetricKey }, opts);
    return { device, identity: { ...registration, key: symmetricKey.primaryKey } };
}

/** Name of the enrollment group: every device whose key is derived from the group's key belongs to it. */
const groupName = "edge-devices";

function withCertificate(
    config: Config,
    hub: IotHub,
    common: ConstructorParameters<typeof iotedge.Device>[1],
    opts: pulumi.CustomResourceOptions,
): Provisioned {
    const { deviceCertificate: certificate, deviceId, devicePrivateKey: privateKey } = config;
    const thumbprints =
        certificate === "" ? config.deviceThumbprints : [certificateThumbprint(certificate, deviceId)];
    const device = new iotedge.Device("device", { ...common, thumbprints }, opts);
    const place = { hubHostName: hub.hostName, deviceId: device.deviceId };
    return { device, identity: { method: "x509", ...place, certificate, privateKey } };
}
