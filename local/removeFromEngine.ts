import { deviceLabel, networkOf, removeContainer } from "./device/modules/container/deviceContainers";
import { builtImagesFile, readBuilt, removeBuiltImages } from "./docker/builtImages";
import { answers, type DockerEngine, findDockerEngine, unlessRefused } from "./docker/dockerEngine";
import { readRuntimeSettings } from "./runtimeSettings";

/**
 * Removes from the Docker engine what the builds of the local Azure in a folder left there, `withContainers` also what its
 * device runs of it. Returns what is still there: the engine does not answer, or others use it. `dockerHost` is DOCKER_HOST.
 */
export async function removeFromEngine(
    localFolder: string,
    dockerHost: string | undefined,
    { withContainers = false } = {},
): Promise<readonly string[]> {
    const file = builtImagesFile(localFolder);
    const { images } = readBuilt(file);
    if (images.length === 0) return [];
    const engine = findDockerEngine(readRuntimeSettings(localFolder).dockerHost ?? dockerHost);
    if (!engine || !(await answers(engine))) return images;
    if (withContainers) await removeContainers(engine, images);
    return removeBuiltImages(file, engine);
}

/** Removes containers of local devices that were made from an image under one of these names, and their networks. */
async function removeContainers(engine: DockerEngine, images: readonly string[]): Promise<void> {
    const filters = JSON.stringify({ label: [deviceLabel] });
    const query = { all: "1", filters };
    const found = await engine.call<{ Id: string; Image: string; Labels: Record<string, string> }[]>(
        "GET",
        "/containers/json",
        { query },
    );
    // A name holds the port of the stack's registry, so that it is of no other stack.
    const repositories = images.filter((name) => name.includes("/")).map(repositoryOf);
    const own = found.filter(({ Image }) => repositories.includes(repositoryOf(Image)));
    for (const { Id } of own) await removeContainer(engine, Id);
    for (const tag of new Set(own.map(({ Labels }) => Labels[deviceLabel] ?? ""))) {
        await unlessRefused([404], engine.call("DELETE", `/networks/${networkOf(tag)}`));
    }
}

/** A name without its tag or digest. */
function repositoryOf(image: string): string {
    return image.replace(/[@:][^/]*$/, "");
}
