import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { digestPattern } from "../../../planes/registry/blobs";
import {
    type ImageManifest,
    pullBlob,
    pullManifest,
    type RegistryAccount,
} from "../../../planes/registry/client";
import type { ImageReference } from "../imageReference";
import type { DeviceImage } from "../moduleRuntime";
import { extractLayer } from "./extractLayer";

const imageConfig = z.looseObject({
    config: z
        .looseObject({
            Env: z.array(z.string()).nullish(),
            Entrypoint: z.array(z.string()).nullish(),
            Cmd: z.array(z.string()).nullish(),
            WorkingDir: z.string().nullish(),
        })
        .default({}),
});

/** An image that lies on the device, unpacked. */
export interface LocalImage extends DeviceImage {
    /** The folder that is the root of the image's files. */
    rootfs: string;
    config: z.infer<typeof imageConfig>["config"];
}

/** The images of one device: a folder for each digest below `folder`, which appears only when it is complete. */
export function openImages(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
        // A folder of this name is what a crash left of a pull.
        if (name.startsWith("pulling-")) rmSync(join(folder, name), { recursive: true, force: true });
    }

    /** The image, when it lies on the device complete. */
    function find(digest: string): LocalImage | undefined {
        const place = join(folder, folderName(digest));
        if (!digestPattern.test(digest) || !existsSync(place)) return undefined;
        const manifest = JSON.parse(readFileSync(join(place, "manifest.json"), "utf8")) as ImageManifest;
        const { config } = imageConfig.parse(JSON.parse(readFileSync(join(place, "config.json"), "utf8")));
        return { digest, imageHash: manifest.config.digest, rootfs: join(place, "rootfs"), config };
    }

    return {
        find,
        /** Pulls what is missing. An image by digest that lies here is not asked for again; `signal` gives up. */
        async pull(
            { repository, reference }: ImageReference,
            account: RegistryAccount,
            signal: AbortSignal,
        ): Promise<LocalImage> {
            const known = find(reference);
            if (known) return known;
            const { digest, manifest } = await pullManifest(account, repository, reference, signal);
            if (!find(digest)) {
                const partial = await realpath(await mkdtemp(join(folder, "pulling-")));
                try {
                    await fill(partial, manifest, { account, repository, signal });
                    await rename(partial, join(folder, folderName(digest)));
                } catch (error) {
                    await rm(partial, { recursive: true, force: true });
                    throw error;
                }
            }
            return find(digest) as LocalImage;
        },
        /** Removes all images but these. */
        keepOnly(digests: ReadonlySet<string>): void {
            const kept = new Set([...digests].map(folderName));
            for (const name of readdirSync(folder)) {
                if (!kept.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
            }
        },
    };
}

async function fill(
    partial: string,
    manifest: ImageManifest,
    source: { account: RegistryAccount; repository: string; signal: AbortSignal },
): Promise<void> {
    const { account, repository, signal } = source;
    const rootfs = join(partial, "rootfs");
    await mkdir(rootfs);
    const config = await buffer(await pullBlob(account, repository, manifest.config.digest, signal));
    imageConfig.parse(JSON.parse(config.toString("utf8")));
    for (const { digest, mediaType } of manifest.layers) {
        await extractLayer(await pullBlob(account, repository, digest, signal), mediaType, rootfs);
    }
    await writeFile(join(partial, "config.json"), config);
    await writeFile(join(partial, "manifest.json"), JSON.stringify(manifest));
}

function folderName(digest: string): string {
    return digest.replace(":", "-");
}
