/** Why a device could not pull this image, as one sentence; undefined when it can be asked for. */
export function imageProblem(name: string, place: string): string | undefined {
    const image = name.trim();
    if (/:[^/@]+@/.test(image)) {
        return `Expected ${place} to name a tag or a digest, found both in "${image}". edgeAgent refuses that: write name@sha256:…`;
    }
    if (image.startsWith("$") && !upstream.test(image)) {
        return `Expected ${place} to be $upstream with the port of the parent device, such as $upstream:443/name:1.0, found "${image}".`;
    }
    const asked = image.replace(upstream, "parent:");
    if (!edgeAgentPattern.test(asked) || !dockerPattern.test(asked)) {
        return `Expected ${place} to be an image such as registry.example/name:1.0 or registry.example/name@sha256:…, found "${image}".`;
    }
    return undefined;
}

/** In nested edge edgeAgent writes the parent's name in place of `$upstream`, if a port follows (DockerConfig.cs). */
const upstream = /^\$upstream:(?=[1-9])/;
/** The pattern that edgeAgent holds image names against (Azure/iotedge, DockerConfig.cs). */
const edgeAgentPattern = /^(?<repo>([^/]*\/)*)(?<image>[^/:]+)(?<tag>:[^/:]+)?$/;
/** What Docker can pull: a host with a port, a path in lower case, then a tag or a whole digest. */
const dockerPattern =
    /^([A-Za-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})?$/;
