import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Store } from "./store";

/**
 * Who holds a port: a stack's folder and what in it. Claims are files named after their ports in one folder per user,
 * so that all local stacks, of this clone and of others, keep theirs while they are stopped.
 */
export interface PortOwner {
    readonly stackFolder: string;
    readonly what: string;
}

/**
 * Chooses the first free loopback port from `first` on and claims it until it is released. A claim whose stack folder
 * is gone, because somebody deleted the clone, counts for nothing.
 */
export async function claimPort(claims: string, owner: PortOwner, first: number): Promise<number> {
    mkdirSync(claims, { recursive: true });
    for (let port = first; port < first + 1000; port++) {
        if ((await isFree(port)) && claim(join(claims, String(port)), owner)) return port;
    }
    throw new Error(
        `Expected a free port between ${first} and ${first + 999} on localhost, found none. ` +
            "Stop programs that listen there and repeat the command.",
    );
}

/** Gives back the ports of a stack; with `what`, those of that one thing in it. */
export function releasePorts(claims: string, stackFolder: string, what?: string): void {
    mkdirSync(claims, { recursive: true });
    for (const name of readdirSync(claims)) {
        const file = join(claims, name);
        const owner = readOwner(file);
        if (owner?.stackFolder === stackFolder && (what === undefined || owner.what === what))
            rmSync(file, { force: true });
    }
}

/** The ports of one stack, each remembered under what it is for. */
export interface StackPorts {
    /** The port for `what`: the one of before, or the first free one from `first` on. */
    of(what: string, first: number): Promise<number>;
    release(what: string): void;
}

/** The ports of the stack in `stackFolder`, claimed in the folder `claims`. */
export function stackPorts(store: Store, claims: string, stackFolder: string): StackPorts {
    const ports = store.collection<number>("ports");
    return {
        async of(what, first) {
            const known = ports.get(what);
            if (known !== undefined) return known;
            const port = await claimPort(claims, { stackFolder, what }, first);
            ports.put(what, port);
            return port;
        },
        release(what) {
            if (ports.remove(what)) releasePorts(claims, stackFolder, what);
        },
    };
}

function claim(file: string, owner: PortOwner): boolean {
    const holder = readOwner(file);
    if (holder && !existsSync(holder.stackFolder)) rmSync(file, { force: true });
    try {
        writeFileSync(file, JSON.stringify(owner), { flag: "wx" });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
    }
}

function readOwner(file: string): PortOwner | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        // Released, or being written, at this very moment: somebody else's in either case.
        return undefined;
    }
}

/** Whether a program could listen on this loopback port now. */
export function isFree(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
}
