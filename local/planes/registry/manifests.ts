import { createHash } from "node:crypto";
import { z } from "zod";
import type { Store } from "../../base/store";
import type { Blobs } from "./blobs";
import { RegistryError } from "./errors";

/** A manifest as it was pushed: its digest is that of these very bytes. */
export interface StoredManifest {
    digest: string;
    mediaType: string;
    text: string;
}

/** The manifests and tags of one registry. A reference is a tag or a digest. */
export interface Manifests {
    get(repository: string, reference: string): StoredManifest;
    /** Keeps a manifest whose blobs are all there, under its digest and, when `reference` is one, the tag. */
    put(repository: string, reference: string, mediaType: string, body: Buffer): StoredManifest;
    /** Removes a tag, or a manifest with all its tags. */
    remove(repository: string, reference: string): void;
    tags(repository: string): string[];
    /** Forgets all of them. */
    clear(): void;
}

const descriptor = z.looseObject({ digest: z.string(), size: z.number() });
const imageManifest = z.looseObject({
    schemaVersion: z.literal(2),
    mediaType: z.string().optional(),
    config: descriptor,
    layers: z.array(descriptor),
});
const imageIndex = z.looseObject({
    schemaVersion: z.literal(2),
    mediaType: z.string().optional(),
    manifests: z.array(descriptor),
});
const schemaOf: Record<string, z.ZodType<{ mediaType?: string }>> = {
    "application/vnd.oci.image.manifest.v1+json": imageManifest,
    "application/vnd.docker.distribution.manifest.v2+json": imageManifest,
    "application/vnd.oci.image.index.v1+json": imageIndex,
    "application/vnd.docker.distribution.manifest.list.v2+json": imageIndex,
};

export function openManifests(name: string, store: Store, blobs: Blobs): Manifests {
    const manifests = store.collection<StoredManifest>(`registry/${name}/manifests`);
    const digestOf = store.collection<string>(`registry/${name}/tags`);

    function resolve(repository: string, reference: string): string {
        const digest = reference.includes(":") ? reference : digestOf.get(`${repository}:${reference}`);
        if (digest !== undefined && manifests.get(`${repository}@${digest}`)) return digest;
        throw new RegistryError("MANIFEST_UNKNOWN", `There is no manifest ${reference} in ${repository}`);
    }

    function checkParts(repository: string, text: string, mediaType: string): void {
        const manifest = parse(text, mediaType);
        if ("manifests" in manifest) {
            for (const { digest } of imageIndex.parse(manifest).manifests) resolve(repository, digest);
            return;
        }
        const { config, layers } = imageManifest.parse(manifest);
        for (const { digest, size } of [config, ...layers]) {
            const found = blobs.size(repository, digest);
            if (found === undefined) {
                throw new RegistryError(
                    "MANIFEST_BLOB_UNKNOWN",
                    `The manifest names the blob ${digest}, which is not there`,
                );
            }
            if (found !== size) {
                throw new RegistryError(
                    "MANIFEST_INVALID",
                    `The manifest says ${size} bytes for ${digest} of ${found}`,
                );
            }
        }
    }

    return {
        get(repository, reference) {
            return manifests.get(`${repository}@${resolve(repository, reference)}`) as StoredManifest;
        },
        put(repository, reference, mediaType, body) {
            const text = body.toString("utf8");
            if (!Buffer.from(text).equals(body))
                throw new RegistryError("MANIFEST_INVALID", "The manifest is not UTF-8");
            const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
            const isTag = !reference.includes(":");
            if (!isTag && reference !== digest) {
                throw new RegistryError(
                    "DIGEST_INVALID",
                    `The manifest has the digest ${digest}, not ${reference}`,
                );
            }
            checkParts(repository, text, mediaType);
            const stored = { digest, mediaType, text };
            store.transaction(() => {
                manifests.put(`${repository}@${digest}`, stored);
                if (isTag) digestOf.put(`${repository}:${reference}`, digest);
            });
            return stored;
        },
        remove(repository, reference) {
            const digest = resolve(repository, reference);
            store.transaction(() => {
                if (!reference.includes(":")) {
                    digestOf.remove(`${repository}:${reference}`);
                    return;
                }
                manifests.remove(`${repository}@${digest}`);
                for (const [key, value] of digestOf.entries(`${repository}:`)) {
                    if (value === digest) digestOf.remove(key);
                }
            });
        },
        tags(repository) {
            const tags = digestOf.entries(`${repository}:`).map(([key]) => key.slice(repository.length + 1));
            if (tags.length === 0 && manifests.entries(`${repository}@`).length === 0) {
                throw new RegistryError("NAME_UNKNOWN", `There is no repository ${repository}`);
            }
            return tags;
        },
        clear() {
            manifests.clear();
            digestOf.clear();
        },
    };
}

function parse(text: string, mediaType: string): object {
    const schema = schemaOf[mediaType];
    if (!schema) {
        throw new RegistryError(
            "MANIFEST_INVALID",
            `The Content-Type is '${mediaType}', expected one of ${Object.keys(schemaOf).join(", ")}`,
        );
    }
    try {
        const manifest = schema.parse(JSON.parse(text));
        if (manifest.mediaType === undefined || manifest.mediaType === mediaType) return manifest;
    } catch (error) {
        throw new RegistryError(
            "MANIFEST_INVALID",
            `The manifest cannot be read: ${(error as Error).message}`,
        );
    }
    throw new RegistryError("MANIFEST_INVALID", `The manifest does not call itself ${mediaType}`);
}
