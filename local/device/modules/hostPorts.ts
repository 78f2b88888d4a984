import { createServer } from "node:net";
import { listenLocally } from "../../base/listen";
import type { CreateOptions } from "./createOptions";

/** The device's port in the first binding that names one: where a module that runs as a process listens. */
export function hostPort({ HostConfig: host }: CreateOptions): number | undefined {
    for (const bindings of Object.values(host?.PortBindings ?? {})) {
        const port = Number(bindings?.[0]?.HostPort);
        if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    }
    return undefined;
}

/** Every port of the device that a module's bindings name. */
export function hostPorts({ HostConfig: host }: CreateOptions): number[] {
    return Object.values(host?.PortBindings ?? {}).flatMap((bindings) =>
        (bindings ?? []).map(({ HostPort }) => Number(HostPort)).filter((port) => port > 0),
    );
}

/** Throws a sentence when a port of the device is taken. */
export async function checkPort(port: number, moduleId: string): Promise<void> {
    const probe = createServer();
    await listenLocally(probe, port, `Module ${moduleId}`);
    await new Promise<void>((resolve) => probe.close(() => resolve()));
}
