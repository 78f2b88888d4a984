import { createPrivateKey, X509Certificate } from "node:crypto";

/**
 * The SHA-256 thumbprint by which a hub knows a device's self-signed certificate (PEM): 64 hexadecimal digits. Throws
 * where the certificate is not one that the device could use.
 */
export function certificateThumbprint(pem: string, deviceId: string): string {
    const certificate = parsed(pem);
    const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
    // The identity service presents it as it is, and the hub looks for the device's name in it.
    if (commonName !== deviceId) {
        throw new Error(
            `Expected deviceCertificate to have the device's name "${deviceId}" as its common name, found ` +
                `"${commonName ?? "none"}". Make one with: openssl req -x509 -newkey rsa:2048 -nodes -days 365 ` +
                `-subj /CN=${deviceId} -keyout device-key.pem -out device.pem`,
        );
    }
    if (certificate.keyUsage && !certificate.keyUsage.includes(clientAuthentication)) {
        throw new Error(
            "Expected deviceCertificate to be for client authentication, found extended key usages without it. " +
                "Make one without extended key usages, or with clientAuth.",
        );
    }
    return certificate.fingerprint256.replaceAll(":", "");
}

/**
 * What is wrong with a device's certificate and its private key, both PEM, as far as they are given. Nothing of the key
 * is shown.
 */
export function certificateProblems(pem = "", deviceId = "", privateKey = ""): string[] {
    if (pem === "") return [];
    return [
        () => certificateThumbprint(pem, deviceId),
        () => privateKey !== "" && checkPrivateKey(pem, privateKey),
    ].flatMap((check) => {
        try {
            check();
            return [];
        } catch (error) {
            return [(error as Error).message];
        }
    });
}

/** Throws unless the private key (PEM) is that of the certificate; the message shows nothing of either. */
export function checkPrivateKey(pem: string, privateKey: string): void {
    let matches: boolean;
    try {
        matches = parsed(pem).checkPrivateKey(createPrivateKey(privateKey));
    } catch {
        throw new Error(
            "Expected devicePrivateKey to be a private key in PEM, found one that cannot be read.",
        );
    }
    if (!matches) {
        throw new Error(
            "Expected devicePrivateKey to be the key of deviceCertificate, found that of another one. " +
                "Set both from the same pair of files.",
        );
    }
}

/** OID of the extended key usage. */
const clientAuthentication = "1.3.6.1.5.5.7.3.2";

function parsed(pem: string): X509Certificate {
    try {
        return new X509Certificate(pem);
    } catch {
        throw new Error(
            "Expected deviceCertificate to be a certificate in PEM, found one that cannot be read.",
        );
    }
}
