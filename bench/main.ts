import { join } from "node:path";
import { parityRows, parityTable } from "./parity";
import { sizeRows, sizeTable } from "./size";

const DATA = join(__dirname, "..", "..", "shared", "data");

/** Measurements, each a part of its own; a part prints a table. */
const parts: Record<string, () => Promise<string>> = {
    parity: async () => parityTable(await parityRows(DATA)),
    size: async () => sizeTable(await sizeRows(join(__dirname, "..", "classifier"))),
};

async function main(names: string[]): Promise<void> {
    const unknown = names.find((name) => !(name in parts));
    if (names.length === 0 || unknown) {
        const given = unknown ?? "none";
        throw new Error(`Expected parts of the benchmark (${Object.keys(parts).join(", ")}), got ${given}.`);
    }
    for (const name of names) {
        console.log(await parts[name]?.());
    }
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
