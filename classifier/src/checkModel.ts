import { openCatalog } from "./model/modelCatalog";

/**
 * Opens the model in the folder of the first argument and probes it, as the service does when it starts, and prints
 * what it is as JSON; a model that the service would refuse ends with exit code 1 and the service's sentence.
 */
async function main(folder: string): Promise<void> {
    const { models } = await openCatalog(folder, "stop");
    const found = models.map(({ model: { name, version, description, labels } }) => ({
        name,
        version,
        description,
        labels,
    }));
    process.stdout.write(`${JSON.stringify(found)}\n`);
}

// Who reads only a part of it gets no stack.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 141 : 1));
main(process.argv[2] ?? "").catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
