import "reflect-metadata";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate as PeculiarCertificate } from "@peculiar/x509";
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

/** The purpose of a server's certificate (RFC 5280). */
const serverAuth = "1.3.6.1.5.5.7.3.1";
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

test("a server certificate of an earlier version, which named fewer hosts, is made anew", async () => {
    const first = await localCertificates(store);
    const { certificate, privateKey } = await first.issue({
        commonName: "localhost",
        names: ["localhost", "edge-gateway", "127.0.0.1"],
        use: "server",
    });
    store.collection("certificates").put("server", { certPem: certificate, keyPem: privateKey });
    const renewed = await localCertificates(store);
    expect(renewed.caPem).toBe(first.caPem);
    expect(renewed.certPem).not.toBe(certificate);
    expect(new X509Certificate(renewed.certPem).subjectAltName).toContain("0:0:0:0:0:0:0:1");
});

test("the authority may sign certificates and nothing else, and a server's is for a server", async () => {
    const { caPem, certPem, keyPem } = await localCertificates(store);
    const [authority, server] = [caPem, certPem].map((pem) => new X509Certificate(pem));
    expect([authority?.ca, server?.ca]).toEqual([true, false]);
    const usages = [caPem, certPem].map(
        (pem) => new PeculiarCertificate(pem).getExtension(KeyUsagesExtension)?.usages,
    );
    expect(usages).toEqual([
        KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
        KeyUsageFlags.digitalSignature,
    ]);
    expect(server?.keyUsage).toEqual([serverAuth]);
    expect(server?.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(authority?.serialNumber).not.toBe(server?.serialNumber);
    const days = (Date.parse(server?.validTo ?? "") - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(365);
    // A client whose clock is a little behind takes it.
    expect(Date.parse(server?.validFrom ?? "")).toBeLessThan(Date.now() - 50 * 60_000);
});

test.each([
    ["server" as const, serverAuth],
    ["client" as const, "1.3.6.1.5.5.7.3.2"],
])(
    "a module's certificate is for a %s, names hosts and addresses, and lasts 90 days",
    async (use, purpose) => {
        const { issue, caPem } = await localCertificates(store);
        const { certificate, privateKey, expiration } = await issue({
            commonName: "m,O=other",
            names: ["m.local", "10.0.0.1"],
            use,
        });
        const read = new X509Certificate(certificate);
        expect(read.checkIssued(new X509Certificate(caPem))).toBe(true);
        expect(read.verify(new X509Certificate(caPem).publicKey)).toBe(true);
        expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
        expect([read.keyUsage, read.subjectAltName, read.subject, read.ca]).toEqual([
            [purpose],
            "DNS:m.local, IP Address:10.0.0.1",
            "CN=m_O_other",
            false,
        ]);
        expect(Math.round((expiration.getTime() - Date.now()) / 86_400_000)).toBe(90);
        expect(Math.abs(Date.parse(read.validTo) - expiration.getTime())).toBeLessThan(2000);
    },
);

test("they are made once, and a server certificate near its end is renewed under the same authority", async () => {
    const first = await localCertificates(store);
    expect((await localCertificates(store, inDays(300))).certPem).toBe(first.certPem);
    expect((await localCertificates(store, inDays(334))).certPem).toBe(first.certPem);
    const renewed = await localCertificates(store, inDays(336));
    expect(renewed.caPem).toBe(first.caPem);
    expect(renewed.certPem).not.toBe(first.certPem);
    expect(new X509Certificate(renewed.certPem).checkIssued(new X509Certificate(first.caPem))).toBe(true);
    const afterYears = await localCertificates(store, inDays(3640));
    expect(afterYears.caPem).not.toBe(first.caPem);
});
