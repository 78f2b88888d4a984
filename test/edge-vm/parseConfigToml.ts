import { parse, type TomlError } from "smol-toml";
import { z } from "zod";
import { type ConfigToml, configTomlSchema } from "./configTomlSchema";

/** Reads a config.toml; throws an error that names every unknown key and wrong value. */
export function parseConfigToml(text: string): ConfigToml {
    let document: unknown;
    try {
        document = parse(text);
    } catch (error) {
        // Only its first line: the others show the file, which may hold keys.
        const [reason] = (error as Error).message.split("\n");
        throw new Error(
            `Expected config.toml to be TOML, found: ${reason} (line ${(error as TomlError).line}).`,
        );
    }
    const checked = configTomlSchema.safeParse(document);
    if (checked.success) return checked.data;
    throw new Error(
        "Expected config.toml to have only what the template of IoT Edge 1.6 has, found:\n" +
            z.prettifyError(checked.error),
    );
}
