import { readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { localCertificates } from "../../../local/base/certificates";
import { openStore } from "../../../local/base/store";
import { readEndpoints } from "../../../local/endpoints";
import { signSas } from "../../../local/planes/sas";
import { inAnHour } from "../../local/planes/hub/testHub";
import { azure, type TestService } from "./localServices";

/** A service behind a proxy, which can change something right before a write reaches it. */
export interface ChangingProxy {
    /** What the provider is to name. */
    readonly hostName: string;
    /** What the provider is to trust, as NODE_EXTRA_CA_CERTS. */
    readonly caPem: string;
    /** The writes that came, such as `PUT /devices/d`. */
    readonly writes: string[];
    /** Called before each write, until it is taken away. */
    beforeWrite?: () => Promise<unknown>;
    close(): void;
}

/** Passes everything on to `service`, signed for it with its own key. */
export async function changingProxy(service: TestService): Promise<ChangingProxy> {
    const folder = join(azure.stack.folder, "proxy");
    const store = openStore(folder);
    const own = await localCertificates(store);
    await store.close();
    const ca = readFileSync(readEndpoints(azure.stack.azure).caFile, "utf8");

    const server = createServer({ cert: own.certPem, key: own.keyPem }, async (incoming, outgoing) => {
        const body = await buffer(incoming);
        const { method = "", url: path = "" } = incoming;
        if (method === "PUT") {
            proxy.writes.push(`${method} ${path.replace(/\?.*/, "")}`);
            await proxy.beforeWrite?.();
        }
        const { hostName, key, keyName } = service;
        const authorization = signSas({ resource: hostName, key, policy: keyName, expiresAt: inAnHour() });
        const [host, port] = hostName.split(":");
        const headers = { ...incoming.headers, host: hostName, authorization };
        const passed = request({ host, port, method, path, headers, ca, agent: false }, (answer) => {
            outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
            answer.pipe(outgoing);
        });
        passed.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

    const proxy: ChangingProxy = {
        hostName: `localhost:${(server.address() as AddressInfo).port}`,
        caPem: `${own.caPem}\n${ca}`,
        writes: [],
        close() {
            server.close();
            server.closeAllConnections();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    return proxy;
}
