import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { givenText } from "./givenText";

/** A stack's configuration as its file has it and as the engine would hand it on. */
export interface StackFile {
    /** `Pulumi.STACK.yaml`. */
    readonly file: string;
    /** azure-native's configuration by its names, without what is encrypted. */
    readonly azure: Readonly<Record<string, string>>;
    /** Names of azure-native's configuration that are encrypted. */
    readonly azureSecrets: readonly string[];
    /** The docker provider's configuration by its names, without what is encrypted. */
    readonly docker: ReadonlyMap<string, string>;
    /** Whether environments of Pulumi ESC add to the configuration. */
    readonly hasEnvironments: boolean;
    /** Settings of the project by their names, each as a text. Stand-ins take the place of what is encrypted. */
    readonly texts: ReadonlyMap<string, string>;
    /** Names of those that are encrypted, whole or in a part. */
    readonly secrets: ReadonlySet<string>;
}

/**
 * Reads `Pulumi.STACK.yaml` without the engine and the stack's passphrase; undefined when there is none. A key without a
 * namespace is one of the project, a number is a text, a list or an object is JSON, nothing is the empty text: as engine
 * 3.259 does.
 */
export function readStackFile(project: string, stack: string): StackFile | undefined {
    const file = `Pulumi.${stack}.yaml`;
    if (!existsSync(join(project, file))) return undefined;
    const path = join(project, file);
    const document = parse(givenText(readFileSync(path), path)) as {
        config?: object | null;
        environment?: unknown;
    } | null;
    const texts = new Map<string, string>();
    const secrets = new Set<string>();
    const azure: Record<string, string> = {};
    const azureSecrets: string[] = [];
    const docker = new Map<string, string>();
    for (const [fullKey, value] of Object.entries(document?.config ?? {})) {
        // `NAMESPACE:config:KEY` is the older way to write `NAMESPACE:KEY`.
        const [key = "", namespace = projectName] = fullKey.replace(":config:", ":").split(":").reverse();
        if (namespace === "azure-native") {
            if (holdsEncrypted(value)) azureSecrets.push(key);
            else azure[key] = configText(value);
        }
        if (namespace === "docker" && !holdsEncrypted(value)) docker.set(key, configText(value));
        if (namespace !== projectName) continue;
        texts.set(key, isEncrypted(value) ? (standIns[key] ?? "") : configText(withStandIns(value, key)));
        if (holdsEncrypted(value)) secrets.add(key);
    }
    const hasEnvironments = document?.environment !== undefined && document.environment !== null;
    return { file, azure, azureSecrets, docker, hasEnvironments, texts, secrets };
}

/** A value as the engine hands it on to the program. */
export function configText(value: unknown): string {
    if (value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
}

const projectName = "edge-classifier";

/** Each has the form of what only the stack's passphrase opens, so that the rest can be checked. */
const standIns: Readonly<Record<string, string>> = {
    devicePrivateKey: "-----BEGIN PRIVATE KEY-----\nencrypted\n-----END PRIVATE KEY-----",
    moduleSecrets: "{}",
    extraRegistries: "{}",
    proxy: "http://secret@proxy.invalid",
};

/** The engine keeps `{secure: CIPHERTEXT}` in place of a secret, at any depth. */
function isEncrypted(value: unknown): boolean {
    return isObject(value) && Object.keys(value).length === 1 && typeof value.secure === "string";
}

function holdsEncrypted(value: unknown): boolean {
    return isEncrypted(value) || (isObject(value) && Object.values(value).some(holdsEncrypted));
}

function withStandIns(value: unknown, name: string): unknown {
    if (isEncrypted(value)) return `<secret: ${name}>`;
    if (Array.isArray(value)) return value.map((entry) => withStandIns(entry, name));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withStandIns(member, key)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}
