import { parse } from "yaml";

/** Bytes that a machine's customData may have before it is encoded (Microsoft.Compute, osProfile.customData). */
const byteLimit = 65_535;

/** The top-level keys that our cloud-config uses. cloud-init 22.4 passes over a key that it does not know. */
const knownKeys = ["write_files", "runcmd"];

/** What a machine's customData must not hold: every process of the machine and every reader of the state sees it. */
const secretMarks = [/SharedAccessKey=/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, /[?&]sig=/];

/**
 * A cloud-config as a machine's `customData`, in base64. Throws where Azure, or cloud-init at the first boot, would
 * refuse or pass over it, and where it holds a secret.
 */
export function customData(cloudConfig: string): string {
    if (!cloudConfig.startsWith("#cloud-config\n")) {
        throw new Error(
            `Expected a cloud-config to begin with the line #cloud-config, found "${cloudConfig.split("\n")[0]}".`,
        );
    }
    const keys = Object.keys((parse(cloudConfig) ?? {}) as object);
    const unknown = keys.filter((key) => !knownKeys.includes(key));
    if (unknown.length > 0) {
        throw new Error(
            `Expected a cloud-config to have the keys ${knownKeys.join(" and ")} only, found ${unknown.join(", ")}. ` +
                "cloud-init passes over a key that it does not know, so a misspelt one would do nothing.",
        );
    }
    const mark = secretMarks.find((pattern) => pattern.test(cloudConfig));
    if (mark) {
        throw new Error(
            `Expected customData to hold no secret, found text that matches ${mark.source}. ` +
                "Put it into Key Vault, where the machine fetches it with its identity.",
        );
    }
    const bytes = Buffer.from(cloudConfig);
    if (bytes.length > byteLimit) {
        throw new Error(`Expected customData to have at most ${byteLimit} bytes, found ${bytes.length}.`);
    }
    return bytes.toString("base64");
}
