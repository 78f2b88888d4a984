/** An image as a manifest names it, taken apart. */
export interface ImageReference {
    /** The registry that it is pulled from: `host[:port]`. */
    server: string;
    repository: string;
    /** A tag, or a digest `sha256:…`. */
    reference: string;
}

/** The pattern that edgeAgent holds image names against (`DockerConfig.cs`); `name:tag@digest` does not fit it. */
const edgeAgentPattern = /^(?<repo>([^/]*\/)*)(?<image>[^/:]+)(?<tag>:[^/:]+)?$/;

/** Takes an image name apart; throws for one that edgeAgent refuses. Without a tag it means `latest`, as in Docker. */
export function parseImageReference(name: string): ImageReference {
    const trimmed = name.trim();
    if (!edgeAgentPattern.test(trimmed)) throw new Error(`Image ${name} is not in the right format`);
    const slash = trimmed.indexOf("/");
    const first = trimmed.slice(0, Math.max(0, slash));
    // As in Docker, the first part is a server when it has a dot or a port, or is localhost.
    const isServer = /[.:]/.test(first) || first === "localhost";
    const path = isServer ? trimmed.slice(slash + 1) : trimmed;
    const at = path.indexOf("@");
    const colon = path.lastIndexOf(":");
    const [end, reference] =
        at >= 0
            ? [at, path.slice(at + 1)]
            : colon >= 0
              ? [colon, path.slice(colon + 1)]
              : [path.length, "latest"];
    return { server: isServer ? first : "docker.io", repository: path.slice(0, end), reference };
}

/** The name by which Docker knows the image. */
export function imageName({ server, repository, reference }: ImageReference): string {
    return `${server}/${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}
