import type { Collection } from "../../../base/store";
import { type DockerEngine, unlessRefused } from "../../../docker/dockerEngine";
import { registryAuth } from "../../../docker/registryAuth";
import { type ImageReference, imageName } from "../imageReference";
import type { DeviceImage, ModuleRuntime } from "../moduleRuntime";

/** The images that one device pulled into a Docker engine. */
interface ContainerImages extends Pick<ModuleRuntime, "findImage" | "hasImage" | "pull" | "keepOnly"> {
    /** Notes that the engine turned out to have an image no longer. */
    noteLost(digest: string): void;
    /** Whether the device has pulled any that it has not removed. */
    hasAny(): boolean;
}

/** `pulled` keeps each image under the name by which it was pulled. */
export function containerImages(
    findEngine: () => DockerEngine,
    pulled: Collection<DeviceImage>,
): ContainerImages {
    const lost = new Set<string>();
    return {
        findImage: async (reference) => unlessRefused([404], inspectImage(findEngine(), reference)),
        hasImage: (digest) => !lost.has(digest),
        noteLost: (digest) => void lost.add(digest),
        hasAny: () => pulled.entries().length > 0,

        async pull(reference, account, signal) {
            const engine = findEngine();
            const name = imageName(reference);
            const ask = { query: { fromImage: name }, headers: registryAuth(account), signal };
            await engine.follow("POST", "/images/create", ask, () => {});
            const image = await inspectImage(engine, reference);
            if (!image) throw new Error(`The engine pulled ${name} and does not name its digest.`);
            lost.delete(image.digest);
            pulled.put(name, image);
            return image;
        },

        async keepOnly(digests) {
            for (const [name, { digest }] of pulled.entries()) {
                if (digests.has(digest)) continue;
                // 409: a container of another device still needs it.
                await unlessRefused([404, 409], findEngine().call("DELETE", `/images/${name}`));
                pulled.remove(name);
            }
        },
    };
}

/** What the engine knows of an image; undefined when it has the image from another repository only. */
async function inspectImage(
    engine: DockerEngine,
    reference: ImageReference,
): Promise<DeviceImage | undefined> {
    const { Id, RepoDigests } = await engine.call<{ Id: string; RepoDigests: string[] | null }>(
        "GET",
        `/images/${imageName(reference)}/json`,
    );
    const repository = `${reference.server}/${reference.repository}`;
    const own = RepoDigests?.find((each) => each.startsWith(`${repository}@`));
    return own === undefined ? undefined : { imageHash: Id, digest: own.slice(own.indexOf("@") + 1) };
}
