import { join } from "node:path";
import { stringify } from "yaml";
import { type Provisioning, renderConfigToml, type UpstreamProtocol } from "./configToml";
import { shellScript } from "./shellScript";

/**
 * The daemon of IoT Edge 1.6.8, whose release has new images only. An exact version of the package: a machine that is
 * made next month is the one that was reviewed.
 */
export const edgeVersion = "1.6.4-1";

/** The key's file on the machine. The key service, which runs as `aziotks`, keeps its own keys in the same folder. */
const keyUri = "file:///var/secrets/aziot/keyd/device-id";
const certificatePath = "/etc/aziot/device-id.pem";
const scriptFolder = "/usr/local/sbin";

/** How the device proves who it is; the key itself waits in Key Vault. */
export type DeviceIdentity =
    | { method: "sas"; hubHostName: string; deviceId: string }
    /** `certificate` is PEM. */
    | { method: "x509"; hubHostName: string; deviceId: string; certificate: string }
    | { method: "dps"; idScope: string; registrationId: string };

/** What makes a fresh Ubuntu machine this device. Nothing of it is secret. */
export interface CloudInitSettings {
    readonly identity: DeviceIdentity;
    readonly upstreamProtocol: UpstreamProtocol;
    /** The version of the secret with the bytes of the device's key file in base64. */
    readonly secretUri: string;
    /** The managed identity that may get it. */
    readonly clientId: string;
    /** Folder of the machine in which edgeAgent and edgeHub keep their data. Default: in their containers. */
    readonly hostStorage?: string;
}

/** User ids of edgeAgent and edgeHub in their containers; the folders of the machine that they write to belong to them. */
const storageOwners = { edgeAgent: "13622", edgeHub: "13623" };

/** The container engine's daemon.json. `iotedge check` looks for both limits; without them logs fill the disk. */
export const containerEngine = { "log-driver": "local", "log-opts": { "max-size": "10m", "max-file": "3" } };

/**
 * The `#cloud-config` for Ubuntu 24.04 LTS. cloud-init writes the files and runs `setUpEdge.sh`, which does everything
 * that can fail and be tried again.
 */
export function renderCloudInit({
    identity,
    upstreamProtocol,
    secretUri,
    clientId,
    hostStorage,
}: CloudInitSettings): string {
    const provisioning = provisioningOf(identity);
    const files = [
        file("/etc/docker/daemon.json", "0644", `${JSON.stringify(containerEngine, null, 4)}\n`),
        file("/etc/aziot/config.toml", "0600", renderConfigToml({ provisioning, upstreamProtocol })),
        ...(identity.method === "x509" ? [file(certificatePath, "0644", identity.certificate)] : []),
        ...["fetchDeviceKey.sh", "setUpEdge.sh"].map((name) =>
            file(`${scriptFolder}/${name}`, "0755", shellScript(join(__dirname, name))),
        ),
    ];
    const config = {
        write_files: files,
        runcmd: [
            ...(hostStorage === undefined ? [] : storageCommands(hostStorage)),
            [`${scriptFolder}/setUpEdge.sh`, edgeVersion, secretUri, clientId],
        ],
    };
    // cloud-init reads YAML 1.1, where more words than true and false are booleans.
    return `#cloud-config\n${stringify(config, { version: "1.1", lineWidth: 0 })}`;
}

/** Docker makes a missing folder that it binds for root, and then the containers could not write there. */
function storageCommands(hostStorage: string): string[][] {
    return Object.entries(storageOwners).map(([component, owner]) => [
        ...["install", "-d", "-o", owner, "-g", owner],
        `${hostStorage}/${component}`,
    ]);
}

function file(path: string, permissions: string, content: string) {
    return { path, permissions, content };
}

/** How a device of this identity is provisioned, with its key where the machine's scripts put it. */
export function provisioningOf(identity: DeviceIdentity): Provisioning {
    if (identity.method !== "x509") return { ...identity, keyUri };
    const { certificate, ...device } = identity;
    return { ...device, keyUri, certificateUri: `file://${certificatePath}` };
}
