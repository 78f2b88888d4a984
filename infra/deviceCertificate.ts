import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Problem, sentence } from "./problem";

/**
 * The SHA-256 thumbprint by which a hub knows a device's self-signed certificate (PEM): 64 hexadecimal digits. Throws
 * where the certificate is not one that the device could use.
 */
export function certificateThumbprint(pem: string, deviceId: string): string {
    const certificate = parsed(pem);
    const problem = certificateProblem(certificate, deviceId);
    if (problem) throw new Error(sentence(problem));
    return certificate?.fingerprint256.replaceAll(":", "") ?? "";
}

/**
 * What is wrong with a device's certificate and its private key, both PEM, as far as they are given. Nothing of the key
 * is shown.
 */
export function certificateProblems(pem = "", deviceId = "", privateKey = ""): Problem[] {
    if (pem === "") return [];
    const certificate = parsed(pem);
    return [
        certificateProblem(certificate, deviceId),
        privateKey === "" ? undefined : privateKeyProblem(certificate, privateKey),
    ].filter((problem) => problem !== undefined);
}

function certificateProblem(certificate: X509Certificate | undefined, deviceId: string): Problem | undefined {
    if (!certificate) {
        return {
            expected: "deviceCertificate to be a certificate in PEM",
            found: "one that cannot be read",
        };
    }
    const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
    // The identity service presents it as it is, and the hub looks for the device's name in it.
    if (commonName !== deviceId) {
        return {
            expected: `deviceCertificate to have the device's name "${deviceId}" as its common name`,
            found: `"${commonName ?? "none"}"`,
            fix:
                "Make one with: openssl req -x509 -newkey rsa:2048 -nodes -days 365 " +
                `-subj /CN=${deviceId} -keyout device-key.pem -out device.pem`,
        };
    }
    if (!certificate.keyUsage || certificate.keyUsage.includes(clientAuthentication)) return undefined;
    return {
        expected: "deviceCertificate to be for client authentication",
        found: "extended key usages without it",
        fix: "Make one without extended key usages, or with clientAuth.",
    };
}

function privateKeyProblem(certificate: X509Certificate | undefined, pem: string): Problem | undefined {
    let matches: boolean | undefined;
    try {
        matches = certificate?.checkPrivateKey(createPrivateKey(pem));
    } catch {
        return {
            expected: "devicePrivateKey to be a private key in PEM",
            found: "one that cannot be read",
        };
    }
    // With a certificate that cannot be read there is nothing to hold the key against.
    if (matches !== false) return undefined;
    return {
        expected: "devicePrivateKey to be the key of deviceCertificate",
        found: "that of another one",
        fix: "Set both from the same pair of files.",
    };
}

/** OID of the extended key usage. */
const clientAuthentication = "1.3.6.1.5.5.7.3.2";

/** Undefined where the text is no certificate. */
function parsed(pem: string): X509Certificate | undefined {
    try {
        return new X509Certificate(pem);
    } catch {
        return undefined;
    }
}
