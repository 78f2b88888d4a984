import { socketName } from "../../workload/workloadApi";
import type { CreateOptions } from "../createOptions";
import type { DesiredModule } from "../desiredModule";
import { edgeEnvironment, variables } from "../edgeEnvironment";
import type { ModuleIdentity } from "../moduleRuntime";

/** The folder of the workload socket inside a container, the same as on a real device. */
export const workloadFolder = "/var/run/iotedge";

/** What a container gets from its device, beside what its module asks for. */
export interface ContainerSurroundings {
    labels: Record<string, string>;
    /** Name of the device's network. */
    network: string;
    /** A line for `/etc/hosts`, and the name that it makes known. */
    gateway: { extraHost: string; hostName: string };
    /** The folder of the module's workload socket on this machine. */
    workload: string;
}

/**
 * The body of Docker's `/containers/create` for a module: its createOptions with what the real runtime changes (image,
 * merged environment, labels, workload socket, network unless there is one; CapAdd cleared, CHOWN and SETUID dropped),
 * and with what this device changes: ports only on the loopback address, no restart by the engine itself.
 */
export function containerConfig(
    module: DesiredModule,
    options: CreateOptions,
    identity: ModuleIdentity,
    { labels, network, gateway, workload }: ContainerSurroundings,
) {
    const host = options.HostConfig ?? {};
    const hasNetwork = Boolean(host.NetworkMode) || options.NetworkingConfig?.EndpointsConfig != null;
    return {
        ...options,
        Image: module.image,
        Env: Object.entries({
            ...variables(options.Env),
            ...module.env,
            ...edgeEnvironment(identity, {
                gatewayHostName: gateway.hostName,
                workloadUri: `unix://${workloadFolder}/${socketName}`,
            }),
        }).map(([name, value]) => `${name}=${value}`),
        Labels: { ...options.Labels, ...labels },
        // Docker publishes no port that neither the image nor the options expose.
        ExposedPorts: {
            ...options.ExposedPorts,
            ...Object.fromEntries(Object.keys(host.PortBindings ?? {}).map((port) => [port, {}])),
        },
        ...(!hasNetwork && {
            NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [identity.moduleId] } } },
        }),
        HostConfig: {
            ...host,
            ...(!hasNetwork && { NetworkMode: network }),
            PortBindings: onLoopback(host.PortBindings),
            Binds: [...(host.Binds ?? []), `${workload}:${workloadFolder}:ro`],
            ExtraHosts: [...(host.ExtraHosts ?? []), gateway.extraHost],
            LogConfig: host.LogConfig ?? {
                Type: "json-file",
                Config: { "max-size": "10m", "max-file": "3" },
            },
            Privileged: false,
            CapAdd: [],
            CapDrop: [...new Set([...(host.CapDrop ?? []), "CHOWN", "SETUID"])],
            RestartPolicy: { Name: "no" },
            AutoRemove: false,
        },
    };
}

function onLoopback(bindings: NonNullable<CreateOptions["HostConfig"]>["PortBindings"]) {
    return Object.fromEntries(
        Object.entries(bindings ?? {}).map(([port, places]) => [
            port,
            (places ?? []).map((place) => ({ ...place, HostIp: "127.0.0.1" })),
        ]),
    );
}
