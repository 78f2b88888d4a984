// @peculiar/x509 resolves its parts by decorators and refuses to load without this polyfill.
import "reflect-metadata";
import { KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
    AuthorityKeyIdentifierExtension,
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    type JsonGeneralNames,
    KeyUsageFlags,
    KeyUsagesExtension,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509Certificate,
    X509CertificateGenerator,
} from "@peculiar/x509";
import type { Store } from "./store";

/** What a TLS server of the local Azure shows, and the authority that its clients are to trust; all in PEM. */
export interface Certificates {
    caPem: string;
    certPem: string;
    keyPem: string;
    /** Signs a certificate of 90 days for a module, with a key made for it. */
    issue(request: {
        commonName: string;
        names: string[];
        use: "server" | "client";
    }): Promise<{ certificate: string; privateKey: string; expiration: Date }>;
}

/** The name by which containers reach this machine: a gateway's host name to the modules of a device. */
export const gatewayHostName = "edge-gateway";

/** One certificate with its private key, as it lies in the store (which only its owner may read). */
interface Issued {
    certPem: string;
    keyPem: string;
}

const day = 24 * 60 * 60 * 1000;
const caLifetime = 3650 * day;
const serverLifetime = 365 * day;
const moduleLifetime = 90 * day;
const renewBefore = 30 * day;
const serverNames = [
    { type: "dns", value: "localhost" },
    { type: "dns", value: gatewayHostName },
    { type: "ip", value: "127.0.0.1" },
    { type: "ip", value: "::1" },
] as const;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * The certificates for localhost, made once and kept in the store. A server certificate with less than 30 days left is
 * renewed under the same authority, so that clients who trust it need not be told; the authority itself lasts ten years.
 */
export async function localCertificates(store: Store, now = new Date()): Promise<Certificates> {
    const kept = store.collection<Issued>("certificates");
    let ca = kept.get("ca");
    let server = kept.get("server");
    if (!ca || isNearExpiry(ca, now)) {
        ca = await issueAuthority(now);
        server = undefined;
    }
    if (!server || isNearExpiry(server, now) || !hasEveryName(server))
        server = await issueServerCertificate(ca, now);
    const current = { ca, server };
    store.transaction(() => {
        kept.put("ca", current.ca);
        kept.put("server", current.server);
    });
    const authority = ca;
    return {
        caPem: ca.certPem,
        certPem: server.certPem,
        keyPem: server.keyPem,
        async issue({ commonName, names, use }) {
            const issuedAt = new Date();
            const { certPem, keyPem } = await issueCertificate(authority, issuedAt, moduleLifetime, {
                // A distinguished name gives some characters a meaning; they are replaced.
                subject: `CN=${commonName.replace(/[^\w.$-]/g, "_")}`,
                use: use === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
                names: names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
            });
            const expiration = new Date(issuedAt.getTime() + moduleLifetime);
            return { certificate: certPem, privateKey: keyPem, expiration };
        },
    };
}

function isNearExpiry(issued: Issued, now: Date): boolean {
    return new X509Certificate(issued.certPem).notAfter.getTime() - now.getTime() < renewBefore;
}

/** False for a certificate of an earlier version, which named fewer. */
function hasEveryName(issued: Issued): boolean {
    const names = new X509Certificate(issued.certPem).getExtension(SubjectAlternativeNameExtension)?.names;
    const found = names?.items.map(({ value }) => value) ?? [];
    return serverNames.every(({ value }) => found.includes(value));
}

async function issueAuthority(now: Date): Promise<Issued> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned({
        ...terms(now, caLifetime),
        name: "CN=edge-classifier local Azure",
        keys,
        extensions: [
            new BasicConstraintsExtension(true, 0, true),
            new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
            await SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    return { certPem: certificate.toString("pem"), keyPem: privatePem(keys.privateKey) };
}

function issueServerCertificate(ca: Issued, now: Date): Promise<Issued> {
    const server = { subject: "CN=localhost", use: ExtendedKeyUsage.serverAuth, names: [...serverNames] };
    return issueCertificate(ca, now, serverLifetime, server);
}

async function issueCertificate(
    ca: Issued,
    now: Date,
    lifetime: number,
    { subject, use, names }: { subject: string; use: ExtendedKeyUsage; names: JsonGeneralNames },
): Promise<Issued> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const authority = new X509Certificate(ca.certPem);
    const certificate = await X509CertificateGenerator.create({
        ...terms(now, lifetime),
        subject,
        issuer: authority.subject,
        publicKey: keys.publicKey,
        signingKey: await signingKey(ca.keyPem),
        extensions: [
            new BasicConstraintsExtension(false, undefined, true),
            new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
            new ExtendedKeyUsageExtension([use]),
            new SubjectAlternativeNameExtension(names),
            await AuthorityKeyIdentifierExtension.create(await authority.publicKey.export()),
        ],
    });
    return { certPem: certificate.toString("pem"), keyPem: privatePem(keys.privateKey) };
}

function terms(now: Date, lifetime: number) {
    return {
        // A positive number: the first bit of an ASN.1 integer is its sign.
        serialNumber: `01${randomBytes(15).toString("hex")}`,
        // An hour back, for a client whose clock is a little behind.
        notBefore: new Date(now.getTime() - 60 * 60 * 1000),
        notAfter: new Date(now.getTime() + lifetime),
        signingAlgorithm: algorithm,
    };
}

function privatePem(key: webcrypto.CryptoKey): string {
    return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}

async function signingKey(keyPem: string): Promise<webcrypto.CryptoKey> {
    const der = Buffer.from(keyPem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
    return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
