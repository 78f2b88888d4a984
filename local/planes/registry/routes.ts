import { createReadStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { readBytes } from "../../base/readBytes";
import { denied, may, type RegistryUser, type RepositoryRight } from "./authorization";
import { type Blobs, digestPattern, type Upload } from "./blobs";
import { RegistryError } from "./errors";
import type { Manifests } from "./manifests";

/** What a registry answers; a text or stream is the body. */
export interface RegistryResponse {
    status: number;
    headers?: Record<string, string | number>;
    body?: string | Readable;
}

interface RegistryRequest {
    repository: string;
    /** What the address names last: a digest, a reference or an upload's id. */
    item: string;
    query: URLSearchParams;
    message: IncomingMessage;
    user: RegistryUser;
}

interface Contents {
    blobs: Blobs;
    manifests: Manifests;
}

type Handler = (request: RegistryRequest, contents: Contents) => RegistryResponse | Promise<RegistryResponse>;

const largestManifest = 4 * 1024 * 1024;
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** The interface of the OCI distribution specification 1.1, deletion of blobs, referrers and the catalog apart. */
const routes: { pattern: RegExp; methods: Record<string, [RepositoryRight, Handler]> }[] = [
    {
        pattern: /^\/v2\/(.+)\/blobs\/uploads\/?()$/,
        methods: { POST: ["content/write", beginUpload] },
    },
    {
        pattern: /^\/v2\/(.+)\/blobs\/uploads\/([0-9a-f-]{36})$/,
        methods: {
            GET: ["content/write", readUpload],
            PATCH: ["content/write", appendUpload],
            PUT: ["content/write", finishUpload],
            DELETE: ["content/write", cancelUpload],
        },
    },
    {
        pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
        methods: { GET: ["content/read", readBlob], HEAD: ["content/read", readBlob] },
    },
    {
        pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
        methods: {
            GET: ["content/read", readManifest],
            HEAD: ["content/read", readManifest],
            PUT: ["content/write", writeManifest],
            DELETE: ["content/delete", removeManifest],
        },
    },
    { pattern: /^\/v2\/(.+)\/tags\/list()$/, methods: { GET: ["metadata/read", listTags] } },
];

/** Answers one request of `user`, as far as that may do what it asks. */
export async function answer(
    message: IncomingMessage,
    contents: Contents,
    user: RegistryUser,
): Promise<RegistryResponse> {
    const url = new URL(message.url ?? "/", "http://registry");
    if (url.pathname === "/v2/" || url.pathname === "/v2") {
        return { status: 200, headers: { "Content-Type": "application/json" }, body: "{}" };
    }
    if (url.pathname === "/v2/_catalog" && user.actions)
        throw denied("a token sees its repositories, not the catalog");
    for (const { pattern, methods } of routes) {
        const [, repository, item] = pattern.exec(url.pathname) ?? [];
        if (repository === undefined || item === undefined) continue;
        const [right, handler] = methods[message.method ?? ""] ?? [];
        if (!right || !handler) break;
        if (!namePattern.test(repository) || repository.length > 255) {
            throw new RegistryError("NAME_INVALID", `'${repository}' is no name of a repository`);
        }
        if (!may(user, repository, right)) throw denied(`${right} of ${repository}`);
        return handler({ repository, item, query: url.searchParams, message, user }, contents);
    }
    throw new RegistryError(
        "UNSUPPORTED",
        `${message.method} ${url.pathname} is no operation of this registry`,
    );
}

async function beginUpload(
    { repository, query, message, user }: RegistryRequest,
    { blobs }: Contents,
): Promise<RegistryResponse> {
    const mount = query.get("mount");
    const from = query.get("from");
    // A blob that the sender may not read is, to the sender, not there; the specification then begins an upload.
    const isReadable = from !== null && may(user, from, "content/read");
    if (mount && isReadable && blobs.mount(repository, checkDigest(mount), from))
        return blobCreated(repository, mount);
    const digest = query.get("digest");
    if (digest) checkDigest(digest);
    const upload = await blobs.begin(repository);
    if (digest) {
        await upload.append(message);
        await upload.finish(digest);
        return blobCreated(repository, digest);
    }
    return uploadResponse(202, upload);
}

function readUpload({ repository, item }: RegistryRequest, { blobs }: Contents): RegistryResponse {
    return uploadResponse(204, blobs.upload(repository, item));
}

async function appendUpload(
    { repository, item, message }: RegistryRequest,
    { blobs }: Contents,
): Promise<RegistryResponse> {
    const upload = blobs.upload(repository, item);
    const [, start] = /^(\d+)-\d+$/.exec(message.headers["content-range"] ?? "") ?? [];
    if (start !== undefined && Number(start) !== upload.size()) {
        throw new RegistryError(
            "BLOB_UPLOAD_INVALID",
            `The chunk begins at ${start}, expected ${upload.size()}`,
            uploadHeaders(upload),
        );
    }
    await upload.append(message);
    return uploadResponse(202, upload);
}

async function finishUpload(request: RegistryRequest, { blobs }: Contents): Promise<RegistryResponse> {
    const { repository, item, query, message } = request;
    const upload = blobs.upload(repository, item);
    const digest = checkDigest(query.get("digest") ?? "");
    await upload.append(message);
    await upload.finish(digest);
    return blobCreated(repository, digest);
}

async function cancelUpload(
    { repository, item }: RegistryRequest,
    { blobs }: Contents,
): Promise<RegistryResponse> {
    await blobs.upload(repository, item).cancel();
    return { status: 204 };
}

function readBlob({ repository, item, message }: RegistryRequest, { blobs }: Contents): RegistryResponse {
    const size = blobs.size(repository, checkDigest(item));
    if (size === undefined)
        throw new RegistryError("BLOB_UNKNOWN", `There is no blob ${item} in ${repository}`);
    return {
        status: 200,
        headers: {
            "Content-Type": "application/octet-stream",
            "Content-Length": size,
            "Docker-Content-Digest": item,
        },
        body: message.method === "HEAD" ? undefined : createReadStream(blobs.file(item)),
    };
}

function readManifest(
    { repository, item, message }: RegistryRequest,
    { manifests }: Contents,
): RegistryResponse {
    const { digest, mediaType, text } = manifests.get(repository, checkReference(item));
    return {
        status: 200,
        headers: {
            "Content-Type": mediaType,
            "Content-Length": Buffer.byteLength(text),
            "Docker-Content-Digest": digest,
        },
        body: message.method === "HEAD" ? undefined : text,
    };
}

async function writeManifest(
    { repository, item, message }: RegistryRequest,
    { manifests }: Contents,
): Promise<RegistryResponse> {
    const reference = checkReference(item);
    const tooLarge = () =>
        new RegistryError("SIZE_INVALID", `A manifest has at most ${largestManifest} bytes`);
    const manifest = await readBytes(message, largestManifest, tooLarge);
    const mediaType = message.headers["content-type"] ?? "";
    const { digest } = manifests.put(repository, reference, mediaType, manifest);
    return {
        status: 201,
        headers: { Location: `/v2/${repository}/manifests/${digest}`, "Docker-Content-Digest": digest },
    };
}

function removeManifest({ repository, item }: RegistryRequest, { manifests }: Contents): RegistryResponse {
    manifests.remove(repository, checkReference(item));
    return { status: 202 };
}

function listTags({ repository, query }: RegistryRequest, { manifests }: Contents): RegistryResponse {
    const last = query.get("last") ?? "";
    const n = Number(query.get("n") ?? Number.POSITIVE_INFINITY);
    if (Number.isNaN(n) || n < 0)
        throw new RegistryError("UNSUPPORTED", `n is '${query.get("n")}', expected a number`);
    const rest = manifests.tags(repository).filter((tag) => tag > last);
    const tags = rest.slice(0, n);
    const more = tags.length > 0 && rest.length > tags.length;
    return {
        status: 200,
        headers: {
            "Content-Type": "application/json",
            ...(more && { Link: `</v2/${repository}/tags/list?n=${n}&last=${tags.at(-1)}>; rel="next"` }),
        },
        body: JSON.stringify({ name: repository, tags }),
    };
}

function blobCreated(repository: string, digest: string): RegistryResponse {
    return {
        status: 201,
        headers: { Location: `/v2/${repository}/blobs/${digest}`, "Docker-Content-Digest": digest },
    };
}

function uploadResponse(status: number, upload: Upload): RegistryResponse {
    return { status, headers: uploadHeaders(upload) };
}

function uploadHeaders(upload: Upload): Record<string, string> {
    return {
        Location: `/v2/${upload.repository}/blobs/uploads/${upload.id}`,
        // Of an empty upload, too, the specification wants 0-0.
        Range: `0-${Math.max(0, upload.size() - 1)}`,
        "Docker-Upload-UUID": upload.id,
    };
}

function checkDigest(digest: string): string {
    if (digestPattern.test(digest)) return digest;
    throw new RegistryError(
        "DIGEST_INVALID",
        `'${digest}' is no digest of the form sha256:<64 hexadecimal digits>`,
    );
}

function checkReference(reference: string): string {
    if (reference.includes(":")) return checkDigest(reference);
    if (tagPattern.test(reference)) return reference;
    throw new RegistryError("MANIFEST_INVALID", `'${reference}' is neither a tag nor a digest`);
}
