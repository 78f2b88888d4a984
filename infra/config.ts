import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { contradictions } from "./contradictions";
import { issueSentences } from "./manifest/issueSentences";
import { maybeSecret, type SecretSettings, type Settings, secretSettings, settings } from "./settings";

/** The stack's settings, checked; the meaning of each is in `settings.ts`. What is secret is a secret output. */
export interface Config extends Readonly<Omit<Settings, "proxy">> {
    /** Secret where it was set so. */
    readonly proxy: pulumi.Output<string> | string | undefined;
    readonly devicePrivateKey: pulumi.Output<string>;
    readonly moduleSecrets: Readonly<Record<string, pulumi.Output<string>>>;
    readonly extraRegistries: Readonly<Record<string, ExtraRegistry>>;
}

/** A registry that modules are pulled from; a review shows all but the password. */
interface ExtraRegistry {
    readonly address: string;
    readonly username: string;
    readonly password: pulumi.Output<string>;
}

/**
 * Reads and checks the stack's configuration. All problems are reported at once, before any resource exists.
 * The only reader of `pulumi.Config`.
 */
export function readConfig(): Config {
    const namespace = new pulumi.Config().name;
    const found = textsOf(namespace);
    // The SDK has it, and leaves it out of its declarations.
    const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
    const isSecret = (key: string) => isConfigSecret(`${namespace}:${key}`);
    const { values, problems } = checkSettings(found, isSecret);
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
    const { proxy, devicePrivateKey, moduleSecrets, extraRegistries } = values;
    return {
        ...values,
        proxy: proxy && isSecret("proxy") ? pulumi.secret(proxy) : proxy,
        devicePrivateKey: pulumi.secret(devicePrivateKey),
        moduleSecrets: mapValues(moduleSecrets, (value) => pulumi.secret(value)),
        extraRegistries: mapValues(extraRegistries, ({ password, ...registry }) => ({
            ...registry,
            password: pulumi.secret(password),
        })),
    };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To) {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/**
 * Checks settings as they stand in a stack's configuration, each a text, and gives their values or a sentence for each
 * problem. `isSecret` tells which were set with `--secret`.
 */
export function checkSettings(
    found: ReadonlyMap<string, string>,
    isSecret: (key: string) => boolean,
): { values: Settings & SecretSettings; problems: string[] } {
    const shape = { ...settings.shape, ...secretSettings.shape } as Record<string, z.ZodType>;
    const problems = [...found.keys()]
        .filter((key) => !(key in shape))
        .map(
            (key) =>
                `Expected config keys to be among ${Object.keys(shape).join(", ")}, found \`${key}\`. ` +
                `Remove it with: pulumi config rm ${key}`,
        );
    const values: Record<string, unknown> = {};
    for (const [key, schema] of Object.entries(shape)) {
        const text = found.get(key);
        const mustBeSecret = key in secretSettings.shape;
        if (text !== undefined && mustBeSecret !== isSecret(key) && !maybeSecret.includes(key)) {
            problems.push(secrecyProblem(key, mustBeSecret));
            continue;
        }
        const checked = schema.safeParse(text === undefined ? undefined : parsed(schema, text));
        if (checked.success) values[key] = checked.data;
        else problems.push(...sentences(key, schema, checked.error, mustBeSecret ? undefined : text));
    }
    return {
        values: values as Settings & SecretSettings,
        problems: [...problems, ...contradictions(values, values)],
    };
}

/** The texts of our own keys. */
function textsOf(namespace: string): Map<string, string> {
    const prefix = `${namespace}:`;
    return new Map(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, text]) => [key.slice(prefix.length), text]),
    );
}

/** Pulumi hands every value on as a text, and what is no text itself as JSON. */
function parsed(schema: z.ZodType, text: string): unknown {
    if (inner(schema) instanceof z.ZodString || inner(schema) instanceof z.ZodEnum) return text;
    try {
        return JSON.parse(text);
    } catch {
        // Not JSON is not what was expected: the schema says so.
        return text;
    }
}

/** A sentence for what is wrong; of an object or a list, one for each place in it that says more. */
function sentences(key: string, schema: z.ZodType, error: z.ZodError, shown: string | undefined): string[] {
    const { expected } = (inner(schema).meta() ?? {}) as { expected?: string };
    const found = shown === undefined ? "something else" : `"${shown}"`;
    const setIt = `Set it with: pulumi config set ${shown === undefined ? "--secret " : ""}${key} VALUE`;
    if (expected) return [`Expected config \`${key}\` to be ${expected}, found ${found}. ${setIt}`];
    const value = shown === undefined ? undefined : parsed(schema, shown);
    const placeName = (path: readonly PropertyKey[]) => `config \`${[key, ...path].map(String).join(".")}\``;
    return error.issues.flatMap((issue) => issueSentences(issue, value, placeName));
}

function secrecyProblem(key: string, mustBeSecret: boolean): string {
    return mustBeSecret
        ? `Expected config \`${key}\` to be secret, found it in clear. Set it with: pulumi config set --secret ${key} VALUE`
        : `Expected config \`${key}\` in clear because previews show it, found it secret. Set it with: pulumi config set ${key} VALUE`;
}

/** The schema of the value itself, without its default. */
function inner(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
        ? inner(schema.unwrap() as z.ZodType)
        : schema;
}
