import { readFile } from "node:fs/promises";

/** Reads a network or its weights. Throws a sentence for a file that is larger than any network can be. */
export async function readModelFile(path: string): Promise<Buffer> {
    return readFile(path).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== "ERR_FS_FILE_TOO_LARGE") {
            throw cause;
        }
        throw new Error(
            `Expected ${path} to have less than 2 GB, found more. Export the model in half precision (float16), or ` +
                "quantized.",
            { cause },
        );
    });
}
