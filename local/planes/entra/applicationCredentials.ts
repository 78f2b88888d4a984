import { createHash, timingSafeEqual, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What was added to the application as a credential, beside the federated one. */
export interface ApplicationCredentials {
    isSecret(secret: string): boolean;
    /** The certificate of this SHA-256 thumbprint in base64url (`x5t#S256`). */
    certificate(thumbprint: string): X509Certificate | undefined;
}

/** No secret and no certificate could be right. */
export const noCredentials: ApplicationCredentials = { isSecret: () => false, certificate: () => undefined };

/** The secrets (`*.secret`) and certificates (`*.pem`) that lie in `folder`, where somebody adds and removes them. */
export function applicationCredentials(folder: string): ApplicationCredentials {
    const contents = (end: string) =>
        (existsSync(folder) ? readdirSync(folder) : [])
            .filter((name) => name.endsWith(end))
            .map((name) => readFileSync(join(folder, name), "utf8").trim());
    return {
        isSecret: (secret) =>
            contents(".secret").some((known) => timingSafeEqual(digest(known), digest(secret))),
        certificate: (thumbprint) =>
            contents(".pem")
                .map((pem) => new X509Certificate(pem))
                .find(({ raw }) => digest(raw).toString("base64url") === thumbprint),
    };
}

function digest(content: string | Buffer): Buffer {
    return createHash("sha256").update(content).digest();
}
