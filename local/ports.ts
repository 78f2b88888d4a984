import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/**
 * Chooses a loopback port, the first free one from `first` on, and claims it for `owner` by a file of its name in
 * `folder`, so that a stack that is stopped keeps its ports from the others. The claim lasts until it is released.
 */
export async function claimPort(folder: string, owner: string, first: number): Promise<number> {
    mkdirSync(folder, { recursive: true });
    for (let port = first; port < first + 1000; port++) {
        if ((await isFree(port)) && claim(join(folder, String(port)), owner)) return port;
    }
    throw new Error(
        `Expected a free port between ${first} and ${first + 999} on localhost, found none. ` +
            "Stop programs that listen there and repeat the command.",
    );
}

/** Gives back the ports of the owners that `isOwner` names. */
export function releasePorts(folder: string, isOwner: (owner: string) => boolean): void {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        if (isOwner(readFileSync(file, "utf8"))) rmSync(file, { force: true });
    }
}

function claim(file: string, owner: string): boolean {
    try {
        writeFileSync(file, owner, { flag: "wx" });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
    }
}

function isFree(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
}
