import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";

/** The first byte of an MQTT connection, a CONNECT; no HTTP request begins with it. */
const connectByte = 0x10;
/** How long a client may stay silent at first, in milliseconds. */
const silence = 30_000;

/**
 * Lets a server speak HTTP and MQTT on its one TLS port: by the first byte, a connection goes to `mqtt` or to the
 * server's own HTTP. Returns how to end the MQTT connections, which the server does not know.
 */
export function sharePort(server: Server, mqtt: (socket: TLSSocket) => void): () => void {
    const [http] = server.listeners("secureConnection") as ((socket: TLSSocket) => void)[];
    if (!http) throw new Error("Expected an HTTPS server with its own listener, found none.");
    const sockets = new Set<TLSSocket>();
    server.removeAllListeners("secureConnection");
    server.on("secureConnection", (socket: TLSSocket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        // A client that breaks off before its first byte is no error of this program.
        const ignore = () => {};
        socket.on("error", ignore);
        socket.setTimeout(silence, () => socket.destroy());
        const sniff = () => {
            const first: Buffer | null = socket.read();
            if (!first) return;
            socket.off("readable", sniff);
            socket.off("error", ignore);
            socket.setTimeout(0);
            socket.removeAllListeners("timeout");
            socket.unshift(first);
            if (first[0] === connectByte) mqtt(socket);
            else http.call(server, socket);
        };
        socket.on("readable", sniff);
    });
    return () => {
        for (const socket of sockets) socket.destroy();
    };
}
