import { createServer } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { httpListener, refuse } from "../base/http/httpListener";
import { sharePort } from "../base/http/sharedPort";
import { closeAtOnce, listenLocally } from "../base/listen";
import { type FaultSource, underFaults } from "../faults/underFaults";
import type { Plane, PlaneHost, PlaneSettings, RunningPlane } from "./plane";

/**
 * Starts a data plane and lets it listen on its port of 127.0.0.1; `close` also ends its connections. What `faults` makes
 * slow comes `late` milliseconds later.
 */
export async function servePlane<Settings extends PlaneSettings, Running extends RunningPlane<Settings>>(
    plane: Plane<Settings, Running>,
    settings: Settings,
    host: PlaneHost,
    faults?: FaultSource,
    late?: number,
): Promise<Running> {
    const running = await plane.start(settings, host);
    const { service, mqtt } = running;
    const listener = underFaults(
        faults,
        (fault, response) => void refuse(service, service.refusals[fault](), response),
        httpListener(service),
        late,
    );
    const server = plane.scheme === "http" ? createServer(listener) : tlsServer(host, listener);
    const endMqtt = mqtt && sharePort(server as TlsServer, mqtt);
    try {
        await listenLocally(server, portOf(settings), `The ${plane.title} ${settings.name}`);
    } catch (error) {
        await running.close();
        throw error;
    }
    return {
        ...running,
        async close() {
            await running.close();
            const closed = closeAtOnce(server);
            endMqtt?.();
            await closed;
        },
    };
}

/** It asks clients for a certificate, which devices sign themselves and whose thumbprint the hub looks at. */
function tlsServer({ certificates }: PlaneHost, listener: Parameters<typeof createTlsServer>[1]) {
    const { certPem: cert, keyPem: key } = certificates;
    return createTlsServer(
        { cert, key, minVersion: "TLSv1.2", requestCert: true, rejectUnauthorized: false },
        listener,
    );
}

function portOf({ hostName }: PlaneSettings): number {
    return Number(hostName.slice(hostName.lastIndexOf(":") + 1));
}
