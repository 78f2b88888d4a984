import { stringify } from "smol-toml";

/** How a device finds its hub and proves who it is. The secrets themselves lie in files, which the URIs name. */
export type Provisioning =
    /** Straight to a hub, with the symmetric key whose raw bytes (not base64) `keyUri` holds. */
    | { method: "sas"; hubHostName: string; deviceId: string; keyUri: string }
    /** Straight to a hub, with a certificate and its private key, both PEM. */
    | { method: "x509"; hubHostName: string; deviceId: string; certificateUri: string; keyUri: string }
    /** Through the Device Provisioning Service, with the key derived for this registration, raw bytes. */
    | { method: "dps"; idScope: string; registrationId: string; keyUri: string };

/** What a device's configuration says. */
export interface ConfigTomlSettings {
    readonly provisioning: Provisioning;
    /** How edgeAgent talks to the hub until its first deployment says otherwise. */
    readonly upstreamProtocol: UpstreamProtocol;
}

/** `AmqpWs` and `MqttWs` need port 443 alone; `Amqp` needs 5671 and `Mqtt` 8883. */
export type UpstreamProtocol = "Amqp" | "AmqpWs" | "Mqtt" | "MqttWs";

/**
 * The agent that the device starts with, until its first deployment says which one it shall run. The version is exact,
 * because with a rolling tag two devices of one configuration may differ. It does not follow the setting `runtimeVersion`,
 * because another customData replaces the machine.
 */
export const bootstrapAgentImage = "mcr.microsoft.com/azureiotedge-agent:1.6.8";

const globalEndpoint = "https://global.azure-devices-provisioning.net";

/** The text of `/etc/aziot/config.toml`. */
export function renderConfigToml({ provisioning, upstreamProtocol }: ConfigTomlSettings): string {
    const config = {
        // Only a provisioning service moves a device to another hub; without one only errors are a reason to provision anew.
        auto_reprovisioning_mode: provisioning.method === "dps" ? "Dynamic" : "OnErrorOnly",
        // The classifier needs neither --privileged nor capabilities, each of which can become root on the device.
        allow_elevated_docker_permissions: false,
        provisioning: provisioningSection(provisioning),
        agent: {
            name: "edgeAgent",
            type: "docker",
            config: { image: bootstrapAgentImage },
            env: { UpstreamProtocol: upstreamProtocol },
        },
        // Every model update leaves an image behind, and the disk is small.
        image_garbage_collection: {
            enabled: true,
            cleanup_recurrence: "1d",
            image_age_cleanup_threshold: "7d",
            cleanup_time: "00:00",
        },
    };
    return stringify(config);
}

function provisioningSection(provisioning: Provisioning) {
    switch (provisioning.method) {
        case "sas":
            return {
                source: "manual",
                iothub_hostname: provisioning.hubHostName,
                device_id: provisioning.deviceId,
                authentication: { method: "sas", device_id_pk: { uri: provisioning.keyUri } },
            };
        case "x509":
            return {
                source: "manual",
                iothub_hostname: provisioning.hubHostName,
                device_id: provisioning.deviceId,
                authentication: {
                    method: "x509",
                    identity_cert: provisioning.certificateUri,
                    identity_pk: provisioning.keyUri,
                },
            };
        case "dps":
            return {
                source: "dps",
                global_endpoint: globalEndpoint,
                id_scope: provisioning.idScope,
                attestation: {
                    method: "symmetric_key",
                    registration_id: provisioning.registrationId,
                    symmetric_key: { uri: provisioning.keyUri },
                },
            };
    }
}
