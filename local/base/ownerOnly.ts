import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Makes a folder for its owner alone; one that is there already, from an earlier run, is closed to others too. */
export function ownFolder(folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
}

/** Writes a file for its owner alone, whoever could read it before. A reader finds it whole, the old one or the new. */
export function writeOwnFile(file: string, content: string): void {
    const unfinished = `${file}.${process.pid}`;
    rmSync(unfinished, { force: true });
    writeFileSync(unfinished, content, { mode: 0o600 });
    renameSync(unfinished, file);
}
