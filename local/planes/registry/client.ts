import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline, Readable, Transform } from "node:stream";
import { text } from "node:stream/consumers";
import type { ReadableStream } from "node:stream/web";
import { z } from "zod";
import { PassingError, persistently } from "../../base/persistently";

/** A registry with the account to use there; without a user name it is asked as nobody. */
export interface RegistryAccount {
    /** `host[:port]`, as in the names of its images. */
    server: string;
    username?: string;
    password?: string;
}

/** An image ready to be pushed: its configuration, and uncompressed layers as files. */
export interface PackedImage {
    readonly config: Buffer;
    readonly layers: readonly { readonly file: string; readonly digest: string; readonly size: number }[];
}

const mediaTypes = {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
};

const descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const imageManifest = z.object({ config: descriptor, layers: z.array(descriptor) });

/** What an image consists of; each descriptor names a blob. */
export type ImageManifest = z.infer<typeof imageManifest>;

/** Pushes the blobs that the repository does not have, then the manifest under `tag`; returns the image's digest. */
export async function pushImage(
    account: RegistryAccount,
    repository: string,
    tag: string,
    image: PackedImage,
): Promise<string> {
    const config = {
        digest: sha256(image.config),
        size: image.config.length,
        content: () => Readable.from([image.config]),
    };
    const layers = image.layers.map(({ file, digest, size }) => ({
        digest,
        size,
        content: () => createReadStream(file),
    }));
    for (const blob of [...layers, config]) await persistently(() => pushBlob(account, repository, blob));
    const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: { mediaType: mediaTypes.config, digest: config.digest, size: config.size },
        layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
    });
    await persistently(() =>
        send(account, "PUT", `${repository}/manifests/${tag}`, {
            headers: { "Content-Type": mediaTypes.manifest },
            body: manifest,
        }),
    );
    return sha256(Buffer.from(manifest));
}

/** Fetches a manifest by tag or digest, checked against its digest. */
export async function pullManifest(
    account: RegistryAccount,
    repository: string,
    reference: string,
    signal?: AbortSignal,
): Promise<{ digest: string; manifest: ImageManifest }> {
    const path = `${repository}/manifests/${reference}`;
    const headers = { Accept: `${mediaTypes.manifest}, ${mediaTypes.dockerManifest}` };
    const body = await persistently(async () => {
        const response = await send(account, "GET", path, { headers, signal });
        return Buffer.from(await response.arrayBuffer());
    }, signal);
    const digest = sha256(body);
    if (reference.includes(":") && reference !== digest)
        throw wrongContent(account, repository, reference, digest);
    const parsed = imageManifest.safeParse(parseJson(body));
    if (!parsed.success) {
        throw new Error(
            `${account.server}/${repository} has no image manifest under ${reference}: ${z.prettifyError(parsed.error)}`,
        );
    }
    return { digest, manifest: parsed.data };
}

const imageConfig = z.looseObject({
    os: z.string().optional(),
    architecture: z.string().optional(),
    config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** Fetches what an image says of itself, without its layers. */
export async function pullImageConfig(
    account: RegistryAccount,
    repository: string,
    reference: string,
    signal?: AbortSignal,
): Promise<z.infer<typeof imageConfig>> {
    const { manifest } = await pullManifest(account, repository, reference, signal);
    const blob = await pullBlob(account, repository, manifest.config.digest, signal);
    return imageConfig.parse(JSON.parse(await text(blob)));
}

/**
 * The digest under which the registry has an image, as Docker asks for it: without Docker's own type among those that
 * are accepted, some registries answer the digest of another form of the manifest.
 */
export async function imageDigest(
    account: RegistryAccount,
    repository: string,
    reference: string,
): Promise<string> {
    const headers = { Accept: `${mediaTypes.dockerManifest}, ${mediaTypes.manifest}` };
    const path = `${repository}/manifests/${reference}`;
    const { headers: answered } = await persistently(() => send(account, "HEAD", path, { headers }));
    const digest = answered.get("docker-content-digest");
    if (digest) return digest;
    throw new Error(`The registry ${account.server} names no digest of ${repository}:${reference}.`);
}

/** Fetches a blob as a stream that ends with an error unless the content has the digest. */
export async function pullBlob(
    account: RegistryAccount,
    repository: string,
    digest: string,
    signal?: AbortSignal,
): Promise<Readable> {
    const path = `${repository}/blobs/${digest}`;
    const { body } = await persistently(() => send(account, "GET", path, { signal }), signal);
    const hash = createHash("sha256");
    const checked = new Transform({
        transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            done(null, chunk);
        },
        flush(done) {
            const found = `sha256:${hash.digest("hex")}`;
            done(found === digest ? null : wrongContent(account, repository, digest, found));
        },
    });
    const source = body ? Readable.fromWeb(body as ReadableStream) : Readable.from([]);
    // An error of either end destroys `checked` with it, which is where the reader sees it.
    pipeline(source, checked, () => {});
    return checked;
}

/** Begins with a look: an attempt whose answer was lost may have brought the blob there. */
async function pushBlob(
    account: RegistryAccount,
    repository: string,
    blob: { digest: string; content: () => Readable },
): Promise<void> {
    const known = await send(account, "HEAD", `${repository}/blobs/${blob.digest}`, {}, [200, 404]);
    if (known.status === 200) return;
    const begun = await send(account, "POST", `${repository}/blobs/uploads/`, {});
    const location = new URL(begun.headers.get("location") ?? "", begun.url);
    location.searchParams.set("digest", blob.digest);
    await send(account, "PUT", location, {
        headers: { "Content-Type": "application/octet-stream" },
        body: Readable.toWeb(blob.content()),
        duplex: "half",
    });
}

/** Sends one request; what is neither a success nor among `accepted` is an error that says who refused what. */
async function send(
    account: RegistryAccount,
    method: string,
    target: string | URL,
    init: {
        headers?: Record<string, string>;
        body?: RequestInit["body"];
        duplex?: "half";
        signal?: AbortSignal;
    },
    accepted: number[] = [],
): Promise<Response> {
    const url = typeof target === "string" ? new URL(`${origin(account.server)}/v2/${target}`) : target;
    const { username, password } = account;
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    // A connection that was kept from before the registry's restart would fail.
    const headers = {
        ...init.headers,
        Connection: "close",
        ...(username !== undefined && { Authorization: `Basic ${basic}` }),
    };
    let response: Response;
    try {
        response = await fetch(url, { ...init, method, headers });
    } catch (error) {
        init.signal?.throwIfAborted();
        // The reason lies below "fetch failed"; where two addresses were tried, it has a code and no message.
        const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
        const sentence = `The registry ${account.server} cannot be reached: ${cause.message || cause.code}.`;
        // Where nobody listens, nobody will in a moment.
        const isAbsent = ["ECONNREFUSED", "ENOTFOUND"].includes(cause.code ?? "");
        throw new (isAbsent ? Error : PassingError)(sentence, { cause: error });
    }
    if (response.ok || accepted.includes(response.status)) return response;
    throw await refused(account, method, url, response);
}

async function refused(
    { server, username }: RegistryAccount,
    method: string,
    url: URL,
    response: Response,
): Promise<Error> {
    if (response.status === 401) {
        const who =
            username === undefined
                ? "a request without a user name"
                : `the user name '${username}' or its password`;
        return new Error(`The registry ${server} refused ${who} (401).`);
    }
    const body = await response.text();
    const what = url.pathname.replace(/^\/v2\//, "");
    if (response.status === 404) return new Error(`The registry ${server} has no ${what} (404).`);
    const sentence = `The registry ${server} refused ${method} ${what} with ${response.status}: ${body.slice(0, 500)}`;
    return response.status === 429 || response.status >= 500
        ? new PassingError(sentence)
        : new Error(sentence);
}

/** Registries on this machine speak plain HTTP, as Docker takes it for granted; all others are asked over TLS. */
function origin(server: string): string {
    return `${/^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(server) ? "http" : "https"}://${server}`;
}

function wrongContent({ server }: RegistryAccount, repository: string, digest: string, found: string): Error {
    return new Error(
        `The registry ${server} sent other content for ${repository}@${digest}: its digest is ${found}.`,
    );
}

/** Undefined, which no manifest is, where the answer is something else. */
function parseJson(body: Buffer): unknown {
    try {
        return JSON.parse(body.toString("utf8"));
    } catch {
        return undefined;
    }
}

function sha256(content: Buffer): string {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
