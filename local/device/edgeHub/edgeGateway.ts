import { createServer, type TLSSocket } from "node:tls";
import type { Certificates } from "../../base/certificates";
import { closeAtOnce, listenLocally } from "../../base/listen";
import type { Store } from "../../base/store";
import { HubError } from "../../planes/hub/errors";
import type { ModuleLink } from "../../planes/hub/links/moduleLinks";
import { mqttBroker } from "../../planes/hub/links/mqttBroker";

/** The port where the modules of all devices behind one hub reach their edgeHubs by MQTT over TLS, as at edgeHub's 8883. */
export interface EdgeGateway {
    readonly port: number;
    /** Lets the modules of a device in by `connect` from now on; returns how to stop it. */
    add(deviceId: string, connect: (moduleId: string, sas: string) => ModuleLink): () => void;
    /** Forgets the lasting sessions of a device that is erased. */
    forget(deviceId: string): void;
    close(): Promise<void>;
}

/** Opens the gateway on 127.0.0.1; port 0 takes a free one. */
export async function openEdgeGateway(options: {
    port: number;
    hubHostName: string;
    store: Store;
    certificates: Pick<Certificates, "certPem" | "keyPem">;
}): Promise<EdgeGateway> {
    const { hubHostName, certificates } = options;
    const devices = new Map<string, (moduleId: string, sas: string) => ModuleLink>();
    const sessions = options.store.collection<string[]>(`edgeGateway/${hubHostName}/sessions`);
    const mqtt = await mqttBroker({
        hostName: hubHostName,
        sessions,
        links: {
            open({ deviceId, moduleId, proof }) {
                const connect = devices.get(deviceId);
                // Devices downstream of an edge device are not let in.
                if (!connect || moduleId === undefined || !("sas" in proof))
                    throw new HubError("IotHubUnauthorizedAccess", "Unauthorized");
                return connect(moduleId, proof.sas);
            },
        },
    });
    const sockets = new Set<TLSSocket>();
    const server = createServer(
        { cert: certificates.certPem, key: certificates.keyPem, minVersion: "TLSv1.2" },
        (socket) => {
            sockets.add(socket);
            socket.once("close", () => sockets.delete(socket));
            mqtt.handle(socket);
        },
    );
    const port = await listenLocally(server, options.port, `The edgeHub behind ${hubHostName}`);
    return {
        port,
        add(deviceId, connect) {
            devices.set(deviceId, connect);
            return () => {
                if (devices.get(deviceId) === connect) devices.delete(deviceId);
            };
        },
        forget(deviceId) {
            for (const [key] of sessions.entries(`${deviceId}/`)) sessions.remove(key);
        },
        async close() {
            const closed = closeAtOnce(server);
            for (const socket of sockets) socket.destroy();
            await mqtt.close();
            await closed;
        },
    };
}
