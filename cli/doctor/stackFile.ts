import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkSettings } from "../../infra/config";
import type { Settings } from "../../infra/settings";

/** A stack's configuration as its file has it. */
export interface StackFile {
    readonly file: string;
    readonly region: string;
    /** Those of the project that are right, with defaults for what is not set. */
    readonly settings: Settings;
    /** A sentence for each that is not. */
    readonly problems: string[];
}

/** Stands for what only the stack's passphrase opens. */
const closed: Record<string, string> = {
    devicePrivateKey: "-----BEGIN PRIVATE KEY-----\nencrypted\n-----END PRIVATE KEY-----",
};

/** Reads `Pulumi.STACK.yaml` without the engine; undefined when there is none. */
export function readStackFile(project: string, stack: string): StackFile | undefined {
    const file = `Pulumi.${stack}.yaml`;
    if (!existsSync(join(project, file))) return undefined;
    const { config } = (parse(readFileSync(join(project, file), "utf8")) ?? {}) as {
        config?: Record<string, unknown>;
    };
    const prefix = "edge-classifier:";
    const own = Object.entries(config ?? {})
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value] as const);
    const isSecret = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;
    const texts = own.map(
        ([key, value]) => [key, isSecret(value) ? (closed[key] ?? "") : text(value)] as const,
    );
    const secrets = new Set(own.filter(([, value]) => isSecret(value)).map(([key]) => key));
    const { values, problems } = checkSettings(new Map(texts), (key) => secrets.has(key));
    return { file, region: text(config?.["azure-native:location"] ?? ""), settings: values, problems };
}

/** As the engine hands a value on. */
function text(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
