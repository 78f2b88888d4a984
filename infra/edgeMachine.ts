import type * as pulumi from "@pulumi/pulumi";
import { EdgeVm } from "../edge-vm/edgeVm";
import type { EdgeVmIdentity } from "../edge-vm/edgeVmIdentity";
import type { Config } from "./config";

/** The machine that becomes the device; settings that are empty leave the choice to it. */
export function edgeMachine(
    name: string,
    config: Config,
    { resourceGroupName, identity }: { resourceGroupName: pulumi.Input<string>; identity: EdgeVmIdentity },
): EdgeVm {
    const { platform, sshPublicKey, adminUsername, sshFrom, httpFrom, hostPort, upstreamProtocol } = config;
    return new EdgeVm(name, {
        resourceGroupName,
        identity,
        platform,
        sshPublicKey,
        adminUsername,
        size: config.vmSize || undefined,
        dnsLabel: config.dnsLabel || undefined,
        subnetId: config.subnetId || undefined,
        sshFrom,
        httpFrom,
        httpPort: hostPort,
        // The first connection and those after the first deployment shall take the same way.
        upstreamProtocol,
        hostStorage: config.hostStorage,
        autoShutdown: config.shutdownTime
            ? { time: config.shutdownTime, timeZone: config.shutdownTimeZone }
            : undefined,
    });
}
