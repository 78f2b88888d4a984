import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { issueSentences } from "../infra/manifest/issueSentences";
import { type ManifestSettings, manifestSettingsSchema } from "../infra/manifest/manifestSettings";
import { CommandError, exitCodes } from "./exitCodes";

/**
 * The settings of a stack that shape its manifest, read from `Pulumi.STACK.yaml` and checked as `pulumi preview` does.
 * Values that are encrypted there come as placeholders. Without the file the command ends with 3, with bad settings
 * with 2 and all problems.
 */
export function stackManifestSettings(project: string, stack: string): ManifestSettings {
    const file = join(project, `Pulumi.${stack}.yaml`);
    if (!existsSync(file)) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected the configuration of stack ${stack} in Pulumi.${stack}.yaml, found no such file. Name another stack with --stack.`,
        );
    }
    const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
    const values = Object.entries(config)
        .filter(([key]) => key.startsWith(namespace))
        .map(([key, value]) => [key.slice(namespace.length), value] as const)
        .filter(([name]) => name in manifestSettingsSchema.shape)
        .map(([name, value]) => [name, typed(name, withPlaceholders(value, name))]);
    const settings = Object.fromEntries(values);
    const result = manifestSettingsSchema.safeParse(settings);
    if (result.success) return result.data;
    const problems = result.error.issues.flatMap((issue) => issueSentences(issue, settings, settingName));
    throw new CommandError(exitCodes.usage, problems.join("\n"));
}

const namespace = "edge-classifier:";

/** Pulumi keeps `{secure: CIPHERTEXT}` in place of a secret, at any depth. */
function withPlaceholders(value: unknown, name: string): unknown {
    if (Array.isArray(value)) return value.map((entry) => withPlaceholders(entry, name));
    if (typeof value !== "object" || value === null) return value;
    if ("secure" in value && Object.keys(value).length === 1) return secureValue(name);
    return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, withPlaceholders(member, key)]),
    );
}

/** A proxy must still look like one. */
function secureValue(name: string): string {
    return name === "proxy" ? "http://secret@proxy.invalid" : `<secret: ${name}>`;
}

/** `pulumi config set` keeps numbers and yes or no as text, and Pulumi gives composite values as JSON. */
function typed(name: string, value: unknown): unknown {
    if (typeof value !== "string" || textSettings.has(name)) return value;
    try {
        return JSON.parse(value);
    } catch {
        // What is no JSON is a text, and the schema says where that is wrong.
        return value;
    }
}

const textSettings = new Set(
    Object.entries(manifestSettingsSchema.shape)
        .filter(([, schema]) => z.toJSONSchema(schema).type === "string")
        .map(([name]) => name),
);

function settingName(path: readonly PropertyKey[]): string {
    return `config \`${path.map(String).join(".")}\``;
}
