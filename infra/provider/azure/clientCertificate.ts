import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { decodeText } from "../../../classifier/src/readText";
import { howToSet } from "./azureSettings";

/** How PKCS#12 begins. */
const ASN1_SEQUENCE = 0x30;

/** A certificate with its private key as the sign-in library takes them. */
export interface ClientCertificate {
    /** PEM of both. */
    readonly certificate: string;
    readonly certificatePassword?: string;
}

/**
 * Reads a PEM file with a certificate and its RSA private key, which may be encrypted. Throws a sentence for what does not
 * go together, and for PKCS#12, which the library cannot read.
 */
export async function readClientCertificate(path: string, password?: string): Promise<ClientCertificate> {
    const content = await readFile(path).catch((cause: Error) => {
        throw new Error(
            `Expected a client certificate at ${path}, found: ${cause.message}. ${howToSet("clientCertificatePath")}`,
            { cause },
        );
    });
    if (content[0] === ASN1_SEQUENCE) throw notPem(path, "PKCS#12 (a .pfx or .p12 file)");
    const certificate = decodeText(content, path);
    if (!certificate.includes("-----BEGIN CERTIFICATE-----")) throw notPem(path, "none");
    const key = privateKeyOf(certificate, path, password);
    if (key.asymmetricKeyType !== "rsa") {
        throw new Error(
            `Expected the private key in ${path} to be RSA, as Entra wants it, found ${key.asymmetricKeyType}. ` +
                "Make a certificate with an RSA key and upload that to the application.",
        );
    }
    if (!new X509Certificate(certificate).checkPrivateKey(key)) {
        throw new Error(
            `Expected the first certificate in ${path} to be that of the private key, found another one. ` +
                "Put the application's own certificate before those of its issuers.",
        );
    }
    return { certificate, certificatePassword: password };
}

/** azure-native reads PEM too, as long as it has no password (azidentity, `ParseCertificates`): one file serves both. */
function notPem(path: string, found: string): Error {
    return new Error(
        `Expected a PEM file with a certificate and its private key at ${path}, found ${found}. Make one that azure-native ` +
            "reads as well, set no password for it, and let only its owner read it: " +
            "(umask 077 && openssl pkcs12 -in CERTIFICATE.pfx -nodes -out CERTIFICATE.pem)",
    );
}

function privateKeyOf(pem: string, path: string, password?: string): KeyObject {
    if (!/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(pem)) {
        throw new Error(
            `Expected a private key beside the certificate in ${path}, found none. Append it to the file: ` +
                "(umask 077 && cat CERTIFICATE.pem KEY.pem > BOTH.pem)",
        );
    }
    try {
        return createPrivateKey({ key: pem, passphrase: password });
    } catch (cause) {
        throw new Error(
            `Expected the private key in ${path} to open ${password ? "with its password" : "without a password"}, ` +
                `found that it does not. ${howToSet("clientCertificatePassword")}`,
            { cause },
        );
    }
}
