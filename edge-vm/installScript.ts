import { readFileSync } from "node:fs";
import { join } from "node:path";
import { containerEngine, type DeviceIdentity, edgeVersion, provisioningOf } from "./cloudInit";
import { renderConfigToml, type UpstreamProtocol } from "./configToml";

/** Which device an existing machine becomes. Nothing of it is secret. */
export interface InstallScriptSettings {
    readonly identity: DeviceIdentity;
    readonly upstreamProtocol: UpstreamProtocol;
    /** Of the deployed image: an image for one processor does not run on another. */
    readonly platform: "linux/amd64" | "linux/arm64";
}

/** What a machine of the stack does at its first boot, an existing one does as well, by the same lines. */
const shared = {
    "setUpEdge.sh": [
        ...["begin", "fail", "report", "retry", "apt_get"],
        ...["add_package_source", "install_edge", "edge_agent_runs"],
    ],
    "fetchDeviceKey.sh": ["write_key"],
};

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
        key_fingerprint: constant("setUpEdge.sh", "key_fingerprint"),
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
        ...Object.entries(shared).flatMap(([file, names]) =>
            names.map((name) => `${shellFunction(file, name)}\n`),
        ),
        script("installEdge.sh"),
    ].join("\n");
}

const prompts = {
    sas: "the device's connection string, or its key in base64",
    x509: "the private key of the device's certificate, in PEM",
    dps: "the key derived for this registration, in base64",
};

function script(name: string): string {
    return readFileSync(join(__dirname, name), "utf8").replaceAll("\r\n", "\n");
}

/** The lines of a function, with the comment above it. */
function shellFunction(file: string, name: string): string {
    const found = new RegExp(`^(?:#.*\\n)*${name}\\(\\) (?:\\{\\n[\\s\\S]*?^\\}|\\{.*\\})$`, "m").exec(
        script(file),
    );
    if (found) return found[0];
    throw new Error(`Expected edge-vm/${file} to have the function ${name}, found none.`);
}

function constant(file: string, name: string): string {
    const value = new RegExp(`^${name}=(\\S+)$`, "m").exec(script(file))?.[1];
    if (value) return value;
    throw new Error(`Expected edge-vm/${file} to set ${name}, found no such line.`);
}

/** As a shell reads it back, whatever it holds. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
