import type * as pulumi from "@pulumi/pulumi";
import { derivedKey } from "edge-classifier-hub/derivedKey";
import type { EdgeVmIdentity } from "../edge-vm/edgeVmIdentity";
import type { Config } from "./config";
import { certificateThumbprint } from "./deviceCertificate";
import { DeviceProvisioning } from "./deviceProvisioning";
import { EdgeDevice } from "./edgeDevice";
import { Enrollment } from "./enrollment";
import type { IotHub } from "./iotHub";

interface Provisioned {
    readonly device: EdgeDevice;
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
): Provisioned {
    const { deviceId, deviceTags: tags, deviceStatus: status } = config;
    const common = { hubConnectionString: hub.connectionString, deviceId, tags, status };
    if (config.deviceAuth === "x509") return withCertificate(config, hub, common);
    const { provisioningConnectionString } = hub;
    if (config.provisioning === "manual" || !provisioningConnectionString) {
        const device = new EdgeDevice("device", common);
        const { primaryKey: key } = device;
        return {
            device,
            identity: { method: "sas", hubHostName: hub.hostName, deviceId: device.deviceId, key },
        };
    }

    const { idScope, connectionString } = new DeviceProvisioning("provisioning", {
        resourceGroupName,
        hub: { provisioningConnectionString, location: hub.location },
    });
    const enrollment = { dpsConnectionString: connectionString, hubHostName: hub.hostName, tags };
    const registration = { method: "dps" as const, idScope, registrationId: deviceId };
    if (config.provisioning === "dps-individual") {
        const device = new EdgeDevice("device", common);
        const { primaryKey, secondaryKey } = device;
        const symmetricKey = { primaryKey, secondaryKey };
        new Enrollment("enrollment", {
            ...enrollment,
            kind: "individual",
            enrollmentId: deviceId,
            symmetricKey,
        });
        return { device, identity: { ...registration, key: primaryKey } };
    }
    // The group's own keys stay in the stack; a device has only what is derived from them for its name.
    const group = new Enrollment("enrollment", { ...enrollment, kind: "group", enrollmentId: groupName });
    const derived = (key: pulumi.Output<string>) => key.apply((groupKey) => derivedKey(groupKey, deviceId));
    const symmetricKey = {
        primaryKey: derived(group.primaryKey),
        secondaryKey: derived(group.secondaryKey),
    };
    const device = new EdgeDevice("device", { ...common, symmetricKey });
    return { device, identity: { ...registration, key: symmetricKey.primaryKey } };
}

/** Name of the enrollment group: every device whose key is derived from the group's key belongs to it. */
const groupName = "edge-devices";

function withCertificate(
    config: Config,
    hub: IotHub,
    common: ConstructorParameters<typeof EdgeDevice>[1],
): Provisioned {
    const { deviceCertificate: certificate, deviceId, devicePrivateKey: privateKey } = config;
    const thumbprints =
        certificate === "" ? config.deviceThumbprints : [certificateThumbprint(certificate, deviceId)];
    const device = new EdgeDevice("device", { ...common, thumbprints });
    const place = { hubHostName: hub.hostName, deviceId: device.deviceId };
    return { device, identity: { method: "x509", ...place, certificate, privateKey } };
}
