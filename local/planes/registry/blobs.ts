import { createHash, type Hash, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownFolder } from "../../base/ownerOnly";
import type { Collection } from "../../base/store";
import { RegistryError } from "./errors";

/** A content address: the only algorithm that registries must know. */
export const digestPattern = /^sha256:[a-f0-9]{64}$/;

/** An upload that has begun; what came so far lies in a file of its own. */
export interface Upload {
    id: string;
    repository: string;
    /** Bytes that have come. */
    size(): number;
    append(content: AsyncIterable<Buffer>): Promise<void>;
    /** Makes a blob of what came, when it has this digest; refuses and forgets it otherwise. */
    finish(digest: string): Promise<void>;
    cancel(): Promise<void>;
}

/**
 * The blobs of one registry: a file for each digest, and a record in each repository that may show it. A file is whole
 * and on the disk before its record is written, so a crash leaves at most a file that nobody knows.
 */
export interface Blobs {
    /** The size of a blob of this repository. */
    size(repository: string, digest: string): number | undefined;
    file(digest: string): string;
    /** Shows a blob of another repository in this one; says whether there was one. */
    mount(repository: string, digest: string, from: string): boolean;
    begin(repository: string): Promise<Upload>;
    upload(repository: string, id: string): Upload;
}

export function openBlobs(folder: string, sizes: Collection<number>): Blobs {
    const uploads = new Map<string, Upload>();
    const kept = join(folder, "blobs");
    const coming = join(folder, "uploads");
    // An upload does not outlive its process: its client begins again.
    rmSync(coming, { recursive: true, force: true });
    for (const each of [kept, coming]) ownFolder(each);
    const file = (digest: string) => join(kept, digest.replace(":", "-"));
    const size = (repository: string, digest: string) => sizes.get(`${repository}@${digest}`);

    return {
        size,
        file,
        mount(repository, digest, from) {
            const known = size(from, digest);
            if (known !== undefined) sizes.put(`${repository}@${digest}`, known);
            return known !== undefined;
        },
        async begin(repository) {
            const id = randomUUID();
            const path = join(coming, id);
            await writeFile(path, "", { flag: "wx", mode: 0o600 });
            const upload = newUpload({
                id,
                repository,
                path,
                async keep(digest, length) {
                    await rename(path, file(digest));
                    sizes.put(`${repository}@${digest}`, length);
                },
                forget: () => uploads.delete(id),
            });
            uploads.set(id, upload);
            return upload;
        },
        upload(repository, id) {
            const upload = uploads.get(id);
            if (upload?.repository === repository) return upload;
            throw new RegistryError("BLOB_UPLOAD_UNKNOWN", `There is no upload ${id} to ${repository}`);
        },
    };
}

function newUpload(parts: {
    id: string;
    repository: string;
    path: string;
    keep(digest: string, length: number): Promise<void>;
    forget(): void;
}): Upload {
    const { id, repository, path } = parts;
    const hash: Hash = createHash("sha256");
    let length = 0;
    let isBusy = false;

    async function alone(work: () => Promise<void>): Promise<void> {
        if (isBusy)
            throw new RegistryError("BLOB_UPLOAD_INVALID", `The upload ${id} is being written to already`);
        isBusy = true;
        try {
            await work();
        } finally {
            isBusy = false;
        }
    }

    async function cancel(): Promise<void> {
        parts.forget();
        await rm(path, { force: true });
    }

    return {
        id,
        repository,
        size: () => length,
        append: (content) =>
            alone(async () => {
                const handle = await open(path, "a");
                try {
                    for await (const chunk of content) {
                        await handle.writeFile(chunk);
                        hash.update(chunk);
                        length += chunk.length;
                    }
                    await handle.sync();
                } finally {
                    await handle.close();
                }
            }),
        finish: (digest) =>
            alone(async () => {
                const found = `sha256:${hash.copy().digest("hex")}`;
                if (found !== digest) {
                    await cancel();
                    throw new RegistryError(
                        "DIGEST_INVALID",
                        `The content has the digest ${found}, not ${digest}`,
                    );
                }
                parts.forget();
                await parts.keep(digest, length);
            }),
        cancel: () => alone(cancel),
    };
}
