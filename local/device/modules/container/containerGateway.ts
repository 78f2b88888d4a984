import { connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { gatewayHostName } from "../../../base/certificates";
import { closeAtOnce } from "../../../base/listen";
import type { DockerEngine } from "../../../docker/dockerEngine";

/** How containers reach an edgeHub that listens on the loopback address of this machine. */
export interface ContainerGateway {
    /** Opens the gateway, once; returns the line that a container's `/etc/hosts` needs, and the name that it makes known. */
    open(engine: DockerEngine): Promise<{ extraHost: string; hostName: string }>;
    close(): Promise<void>;
}

/**
 * Makes a gateway for the edgeHubs behind one hub, which forwards their port of the engine's bridge to the loopback
 * address. Where the bridge is not on this machine, as with Docker Desktop, the engine's own `host-gateway` leads to the
 * loopback address already.
 */
export function containerGateway(port: number): ContainerGateway {
    const hostName = `${gatewayHostName}:${port}`;
    let server: Promise<Server> | undefined;
    return {
        async open(engine) {
            const address = await bridgeAddress(engine);
            if (!isOwn(address)) return { extraHost: `${gatewayHostName}:host-gateway`, hostName };
            server ??= listen(address, port);
            await server.catch((error: unknown) => {
                server = undefined;
                throw error;
            });
            return { extraHost: `${gatewayHostName}:${address}`, hostName };
        },
        async close() {
            const opened = await server?.catch(() => undefined);
            server = undefined;
            if (opened) await closeAtOnce(opened);
        },
    };
}

async function bridgeAddress(engine: DockerEngine): Promise<string> {
    const { IPAM } = await engine.call<{ IPAM: { Config: { Gateway?: string }[] | null } }>(
        "GET",
        "/networks/bridge",
    );
    // Some engines name no gateway; then it is the address of the bridge's own interface.
    return IPAM.Config?.[0]?.Gateway ?? networkInterfaces().docker0?.[0]?.address ?? "";
}

function isOwn(address: string): boolean {
    return Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === address));
}

async function listen(address: string, port: number): Promise<Server> {
    const open = new Set<{ destroy(): void }>();
    const server = createServer((client) => {
        const hub = connect(port, "127.0.0.1");
        for (const [one, other] of [
            [client, hub],
            [hub, client],
        ] as const) {
            open.add(one);
            one.on("error", () => other.destroy());
            one.on("close", () => {
                open.delete(one);
                other.destroy();
            });
            one.pipe(other);
        }
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", (cause) =>
            reject(
                new Error(`Containers cannot be let in to edgeHub at ${address}:${port}: ${cause.message}.`),
            ),
        );
        server.listen(port, address, resolve);
    });
    return Object.assign(server, {
        closeAllConnections: () => {
            for (const each of open) each.destroy();
        },
    });
}
