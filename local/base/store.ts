import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RootDatabase } from "lmdb";
import { loadLmdb } from "./lmdb";
import { ownFolder } from "./ownerOnly";

/** Values of one kind by key; what is stored is plain JSON, and what is read is a copy of one's own. */
export interface Collection<T> {
    get(key: string): T | undefined;
    put(key: string, value: T): void;
    /** Says whether there was something to remove. */
    remove(key: string): boolean;
    /** Removes every entry. */
    clear(): void;
    /** Every entry whose key begins with `prefix`, in the order of the keys' UTF-8 bytes. */
    entries(prefix?: string): [key: string, value: T][];
    /** At most `limit` entries from `key` on, in the order of the keys. */
    from(key: string, limit: number): [key: string, value: T][];
}

/** What the local Azure remembers. A write has reached the disk when its call returns. */
export interface Store {
    collection<T>(name: string): Collection<T>;
    /** All writes in `work` happen or, when it throws, none; a call inside another joins it. `work` is synchronous. */
    transaction<R>(work: () => R): R;
    close(): Promise<void>;
}

/** Raised when what is written here can no longer be read by the code before it, or the other way round. */
const storeVersion = 1;
const versionKey = ["store", "version"];
const lmdbMagic = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);
const wayOut = "Start afresh with `npm run edge -- local reset`.";

/** Opens the store in `folder` (made, for its owner alone, where it is missing); throws when it is of another version. */
export function openStore(folder: string): Store {
    ownFolder(folder);
    const root = openDatabase(folder);
    let inTransaction = false;

    function transaction<R>(work: () => R): R {
        if (inTransaction) return work();
        inTransaction = true;
        try {
            return root.transactionSync(work);
        } finally {
            inTransaction = false;
        }
    }

    try {
        transaction(() => checkVersion(root, folder));
    } catch (error) {
        void root.close();
        throw error;
    }
    return {
        collection: <T>(name: string) => collectionOf<T>(root, name, transaction),
        transaction,
        close: () => root.close(),
    };
}

function openDatabase(folder: string): RootDatabase<string> {
    try {
        refuseForeignFile(join(folder, "data.mdb"));
        // Without overlapping sync a commit returns only when it is on the disk, not merely in the page cache.
        return loadLmdb().open({ path: folder, noSubdir: false, encoding: "string", overlappingSync: false });
    } catch (error) {
        throw new Error(`The store in ${folder} cannot be opened: ${(error as Error).message}. ${wayOut}`, {
            cause: error,
        });
    }
}

/** LMDB ends the whole process, by a memory fault, when the file it opens was written by something else. */
function refuseForeignFile(file: string): void {
    if (!existsSync(file)) return;
    const descriptor = openSync(file, "r");
    try {
        const start = Buffer.alloc(64);
        const length = readSync(descriptor, start);
        if (length > 0 && !start.includes(lmdbMagic)) throw new Error("data.mdb is not a database file");
    } finally {
        closeSync(descriptor);
    }
}

function checkVersion(root: RootDatabase<string>, folder: string): void {
    const found = parsed(root.get(versionKey));
    if (found === undefined) root.putSync(versionKey, JSON.stringify(storeVersion));
    else if (found !== storeVersion) {
        throw new Error(
            `The store in ${folder} has version ${String(found)}, and this program reads version ${storeVersion}. ${wayOut}`,
        );
    }
}

/** Parsed here and not by LMDB, whose objects would be of the realm that loaded it first, a test before this one. */
function parsed(text: string | undefined): unknown {
    return text === undefined ? undefined : JSON.parse(text);
}

function collectionOf<T>(
    root: RootDatabase<string>,
    name: string,
    transaction: Store["transaction"],
): Collection<T> {
    const collection: Collection<T> = {
        get: (key) => parsed(root.get([name, key])) as T | undefined,
        put: (key, value) => transaction(() => void root.putSync([name, key], JSON.stringify(value))),
        remove: (key) => transaction(() => root.removeSync([name, key])),
        clear: () =>
            transaction(() => {
                for (const [key] of collection.entries()) collection.remove(key);
            }),
        entries(prefix = "") {
            const found: [string, T][] = [];
            for (const { key, value } of root.getRange({ start: [name, prefix] })) {
                const [of, ownKey] = key as [string, string];
                if (of !== name || !ownKey.startsWith(prefix)) break;
                found.push([ownKey, parsed(value) as T]);
            }
            return found;
        },
        from(key, limit) {
            const found: [string, T][] = [];
            for (const entry of root.getRange({ start: [name, key], limit })) {
                const [of, ownKey] = entry.key as [string, string];
                if (of !== name) break;
                found.push([ownKey, parsed(entry.value) as T]);
            }
            return found;
        },
    };
    return collection;
}
