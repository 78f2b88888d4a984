import { join } from "node:path";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65535);

/** Every option of the service: how it is checked, its default, and what it means. */
const options = z.object({
    port: port.default(80).meta({ env: "PORT", description: "TCP port to listen on; 0 takes a free one" }),
    host: z.string().min(1).default("0.0.0.0").meta({ env: "HOST", description: "address to listen on" }),
    modelDir: z
        .string()
        .min(1)
        .default(join(__dirname, "..", "model"))
        .meta({ env: "MODEL_DIR", description: "folder of the model" }),
});

export type Options = z.infer<typeof options>;

/**
 * Reads the options from environment variables. An empty variable counts as unset. Throws one error that names every
 * variable with a bad value.
 */
export function readOptions(environment: Record<string, string | undefined>): Options {
    const names = Object.entries(options.shape).map(
        ([key, schema]) => [key, schema.meta()?.env as string] as const,
    );
    const given = Object.fromEntries(names.map(([key, name]) => [key, environment[name] || undefined]));
    const parsed = options.safeParse(given);
    if (parsed.success) {
        return parsed.data;
    }
    const nameOf = new Map<PropertyKey, string>(names);
    const problems = parsed.error.issues.map(({ path: [key = ""], message }) => {
        const name = nameOf.get(key) ?? "";
        return `${name}="${environment[name]}": ${message}.`;
    });
    throw new Error(`Expected valid options. ${problems.join(" ")}`);
}
