import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { type Certificates, localCertificates } from "../../../local/base/certificates";
import { openStore, type Store } from "../../../local/base/store";

let folder: string;
let store: Store;

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
    store = openStore(folder);
});

afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});

const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

async function handshake(certificates: Certificates, ca: string, servername: string): Promise<boolean> {
    const server = createServer({ key: certificates.keyPem, cert: certificates.certPem });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
        return await new Promise<boolean>((resolve, reject) => {
            const socket: TLSSocket = connect({ port, host: "127.0.0.1", ca, servername }, () => {
                socket.end();
                resolve(socket.authorized);
            });
            socket.on("error", reject);
        });
    } finally {
        await new Promise((resolve) => server.close(resolve));
    }
}

test("a client that trusts the authority accepts the server as localhost, and no other name", async () => {
    const certificates = await localCertificates(store);
    expect(await handshake(certificates, certificates.caPem, "localhost")).toBe(true);
    await expect(handshake(certificates, certificates.caPem, "example.org")).rejects.toThrow(
        /does not match certificate's altnames/,
    );
    expect(new X509Certificate(certificates.certPem).subjectAltName).toBe(
        "DNS:localhost, DNS:edge-gateway, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
});

test("a client that trusts another authority refuses the server", async () => {
    const certificates = await localCertificates(store);
    store.collection("certificates").remove("ca");
    const other = await localCertificates(store);
    await expect(handshake(certificates, other.caPem, "localhost")).rejects.toThrow();
});

test("they are made once, and a server certificate near its end is renewed under the same authority", async () => {
    const first = await localCertificates(store);
    expect((await localCertificates(store, inDays(300))).certPem).toBe(first.certPem);
    const renewed = await localCertificates(store, inDays(340));
    expect(renewed.caPem).toBe(first.caPem);
    expect(renewed.certPem).not.toBe(first.certPem);
    expect(new X509Certificate(renewed.certPem).checkIssued(new X509Certificate(first.caPem))).toBe(true);
    const afterYears = await localCertificates(store, inDays(3640));
    expect(afterYears.caPem).not.toBe(first.caPem);
});
