import { join } from "node:path";
import { containerEngine, type DeviceIdentity, edgeVersion, provisioningOf } from "../cloudInit";
import { renderConfigToml, type UpstreamProtocol } from "../configToml";
import { shellScript } from "../shellScript";

/** Which device an existing machine becomes. Nothing of it is secret. */
export interface InstallScriptSettings {
    readonly identity: DeviceIdentity;
    readonly upstreamProtocol: UpstreamProtocol;
    /** Platform of the deployed image, which runs on no machine with another processor. */
    readonly platform: "linux/amd64" | "linux/arm64";
}

/**
 * The bash script that makes an existing Debian 12, Raspberry Pi OS 64-bit or Ubuntu 22.04 or 24.04 the device. It asks
 * for the key when it runs, and can be run again.
 */
export function renderInstallScript({ identity, upstreamProtocol, platform }: InstallScriptSettings): string {
    const device = identity.method === "dps" ? identity.registrationId : identity.deviceId;
    const hub = identity.method === "dps" ? `the scope ${identity.idScope}` : identity.hubHostName;
    const config = renderConfigToml({ provisioning: provisioningOf(identity), upstreamProtocol });
    const values = {
        edge_version: edgeVersion,
        hub_host_name: identity.method === "dps" ? "" : identity.hubHostName,
        device_id: device,
        image_architecture: platform.replace("linux/", ""),
        key_prompt: prompts[identity.method],
        daemon_json: JSON.stringify(containerEngine, null, 4),
        certificate: identity.method === "x509" ? identity.certificate.trimEnd() : "",
        config_toml: config.trimEnd(),
    };
    return [
        "#!/usr/bin/env bash",
        `# Makes this machine the IoT Edge device ${device} of ${hub}. It holds no secret and can be run again.`,
        "#",
        "#   sudo bash install-edge.sh                    asks for the key",
        "#   sudo bash install-edge.sh --key-file FILE    takes it from a file that only its owner can read",
        "#   sudo bash install-edge.sh < FILE             takes it from standard input",
        "#",
        `# The key is ${prompts[identity.method]}.`,
        "",
        "set -euo pipefail",
        "",
        ...Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`),
        "",
        shellScript(join(__dirname, "installEdge.sh")),
    ].join("\n");
}

const prompts = {
    sas: "the device's connection string, or its key in base64",
    x509: "the private key of the device's certificate, in PEM",
    dps: "the key derived for this registration, in base64",
};

/** Quotes a text so that a shell reads it back as it is. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
