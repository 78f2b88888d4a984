import { z } from "zod";
import { contradictions } from "./contradictions";
import { issueProblems } from "./manifest/issueProblems";
import type { Problem } from "./problem";
import {
    maybeSecret,
    removedSettings,
    type SecretSettings,
    type Settings,
    secretSettings,
    settings,
} from "./settings";

/**
 * Checks settings as they stand in a stack's configuration, each a text, and gives their values and every problem.
 * `isSecret` tells which were set with `--secret`.
 */
export function checkSettings(
    found: ReadonlyMap<string, string>,
    isSecret: (key: string) => boolean,
): { values: Settings & SecretSettings; problems: Problem[] } {
    const problems = [...found.keys()].filter((key) => !(key in schemas)).map(strangerProblem);
    const values: Record<string, unknown> = {};
    for (const [key, schema] of Object.entries(schemas)) {
        const text = found.get(key);
        if (text !== undefined && mustBeSecret(key) !== isSecret(key) && !maybeSecret.includes(key)) {
            problems.push(secrecyProblem(key));
            continue;
        }
        const checked = schema.safeParse(text === undefined ? undefined : settingValue(schema, text));
        if (checked.success) values[key] = checked.data;
        else problems.push(...valueProblems(key, schema, checked.error, text ?? ""));
    }
    return {
        values: values as Settings & SecretSettings,
        problems: [...problems, ...contradictions(values, values)],
    };
}

/** The value of a setting: Pulumi hands every one on as a text, and what is no text itself as JSON. */
export function settingValue(schema: z.ZodType, text: string): unknown {
    if (inner(schema) instanceof z.ZodString || inner(schema) instanceof z.ZodEnum) return text;
    try {
        return JSON.parse(text);
    } catch {
        // Not JSON is not what was expected: the schema says so.
        return text;
    }
}

const schemas: Readonly<Record<string, z.ZodType>> = { ...settings.shape, ...secretSettings.shape };

function mustBeSecret(key: string): boolean {
    return key in secretSettings.shape;
}

/** A key that is no setting, or no longer one. */
function strangerProblem(key: string): Problem {
    const remove = `Remove it with: pulumi config rm ${key}`;
    const reason = removedSettings[key];
    return reason === undefined
        ? {
              expected: `config keys to be among ${Object.keys(schemas).join(", ")}`,
              found: `\`${key}\``,
              fix: remove,
          }
        : {
              expected: `no config \`${key}\`, which was removed`,
              found: "it set",
              fix: `${reason} ${remove}`,
          };
}

function secrecyProblem(key: string): Problem {
    return mustBeSecret(key)
        ? {
              expected: `config \`${key}\` to be secret`,
              found: "it in clear",
              fix: `Set it with: pulumi config set --secret ${key} VALUE`,
          }
        : {
              expected: `config \`${key}\` in clear because previews show it`,
              found: "it secret",
              fix: `Set it with: pulumi config set ${key} VALUE`,
          };
}

/** One problem, or of an object whose parts have schemas of their own, one for each part that is wrong. */
function valueProblems(key: string, schema: z.ZodType, error: z.ZodError, text: string): Problem[] {
    const { expected } = (inner(schema).meta() ?? {}) as { expected?: string };
    if (inner(schema) instanceof z.ZodRecord && expected === undefined) {
        const placeName = (path: readonly PropertyKey[]) => `config \`${path.map(String).join(".")}\``;
        return error.issues.flatMap((issue) =>
            issueProblems(
                { ...issue, path: [key, ...issue.path] },
                { [key]: settingValue(schema, text) },
                placeName,
            ),
        );
    }
    return [
        {
            expected: `config \`${key}\` to be ${expected ?? error.issues[0]?.message}`,
            found: mustBeSecret(key) || maybeSecret.includes(key) ? "something else" : `"${text}"`,
            fix: `Set it with: pulumi config set ${mustBeSecret(key) ? "--secret " : ""}${key} VALUE`,
        },
    ];
}

/** The schema of the value itself, without its default. */
function inner(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
        ? inner(schema.unwrap() as z.ZodType)
        : schema;
}
