import { readFileSync, statSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { CommandError, exitCodes } from "./exitCodes";
import { givenText } from "./givenText";

/** A manifest as a file holds it: what is below `modulesContent` is not checked yet. */
export interface ManifestFile {
    readonly modulesContent: unknown;
    /** The whole of an automatic deployment's document, where the manifest is its `content`. */
    readonly document?: unknown;
}

/**
 * Reads `{modulesContent}` or `{content: {modulesContent}}`, as the Azure CLI takes either, from a file, or from standard
 * input for `-`. A file that is missing ends the command with 3, one that is no JSON with 2.
 */
export async function readManifestFile(file: string, stdin: NodeJS.ReadableStream): Promise<ManifestFile> {
    // Not existsSync, to which what may not be looked at is not there.
    const stat = file === "-" ? undefined : statSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
        throw new CommandError(
            exitCodes.usage,
            `Expected a manifest in ${file}, found a folder. Name a file in it.`,
        );
    }
    if (file !== "-" && !stat) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected a manifest in ${file}, found no such file. Write one with: npm run -s edge -- manifest render`,
        );
    }
    const source = file === "-" ? "standard input" : file;
    const found = parse(file === "-" ? await buffer(stdin) : readFileSync(file), source);
    const manifest = member(found, "content") ?? found;
    const modulesContent = member(manifest, "modulesContent");
    if (modulesContent === undefined) {
        throw new CommandError(
            exitCodes.usage,
            `Expected ${source} to hold {modulesContent} or {content: {modulesContent}}, found neither.`,
        );
    }
    // What stands beside it, such as an automatic deployment's targetCondition, is not part of the manifest.
    return { modulesContent, ...(manifest !== found && { document: found }) };
}

function parse(bytes: Buffer, source: string): unknown {
    const json = givenText(bytes, source);
    try {
        return JSON.parse(json);
    } catch (error) {
        const reason = (error as Error).message;
        throw new CommandError(
            exitCodes.usage,
            `Expected ${source} to be JSON, found that it is not: ${reason}`,
        );
    }
}

function member(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
