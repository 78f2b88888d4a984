import { createReadStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Answer } from "../../base/http/refusal";
import type { Request } from "../../base/http/request";
import type { Route } from "../../base/http/service";
import { denied, may, type RegistryUser, type RepositoryRight } from "./authorization";
import { type Blobs, digestPattern, type Upload } from "./blobs";
import { RegistryError, refusals } from "./errors";
import type { Manifests } from "./manifests";

interface RegistryRequest {
    readonly repository: string;
    /** What the address names last: a digest, a reference or an upload's id. */
    readonly item: string;
    readonly query: URLSearchParams;
    readonly message: IncomingMessage;
    readonly user: RegistryUser;
    /** The whole body, as far as a manifest may be long. */
    bytes(): Promise<Buffer>;
}

interface Contents {
    readonly blobs: Blobs;
    readonly manifests: Manifests;
}

type Handler = (request: RegistryRequest, contents: Contents) => Answer | Promise<Answer>;

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

const upload = "/v2/*repository/blobs/uploads/:item";
const blob = "/v2/*repository/blobs/:item";
const manifest = "/v2/*repository/manifests/:item";

/** What is done in a repository, with the right that it takes. */
const operations: readonly [method: string, path: string, RepositoryRight, Handler][] = [
    ["POST", "/v2/*repository/blobs/uploads{/}", "content/write", beginUpload],
    ["GET", upload, "content/write", readUpload],
    ["PATCH", upload, "content/write", appendUpload],
    ["PUT", upload, "content/write", finishUpload],
    ["DELETE", upload, "content/write", cancelUpload],
    ["GET", blob, "content/read", readBlob],
    ["HEAD", blob, "content/read", readBlob],
    ["GET", manifest, "content/read", readManifest],
    ["HEAD", manifest, "content/read", readManifest],
    ["PUT", manifest, "content/write", writeManifest],
    ["DELETE", manifest, "content/delete", removeManifest],
    ["GET", "/v2/*repository/tags/list", "metadata/read", listTags],
];

/** The interface of the OCI distribution specification 1.1, deletion of blobs, referrers and the catalog apart. */
export function registryRoutes(
    contents: Contents,
    userOf: (authorization: string | undefined) => RegistryUser,
): Route[] {
    return [
        { method: "GET", path: "/v2{/}", handle: () => ({ status: 200, json: {} }) },
        {
            method: "GET",
            path: "/v2/_catalog",
            handle: ({ method, path, headers }) => {
                if (userOf(headers.authorization).actions)
                    throw denied("a token sees its repositories, not the catalog");
                throw refusals.noRoute(method, path);
            },
        },
        ...operations.map(
            ([method, path, right, handler]): Route => ({
                method,
                path,
                handle: (request) =>
                    handler(permitted(request, right, userOf(request.headers.authorization)), contents),
            }),
        ),
    ];
}

function permitted(request: Request, right: RepositoryRight, user: RegistryUser): RegistryRequest {
    const { repository = "", item = "" } = request.params;
    if (!namePattern.test(repository) || repository.length > 255) {
        throw new RegistryError("NAME_INVALID", `'${repository}' is no name of a repository`);
    }
    if (!may(user, repository, right)) throw denied(`${right} of ${repository}`);
    const { query, stream: message, bytes } = request;
    return { repository, item, query, message, user, bytes };
}

async function beginUpload(
    { repository, query, message, user }: RegistryRequest,
    { blobs }: Contents,
): Promise<Answer> {
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

function readUpload({ repository, item }: RegistryRequest, { blobs }: Contents): Answer {
    return uploadResponse(204, blobs.upload(repository, item));
}

async function appendUpload(
    { repository, item, message }: RegistryRequest,
    { blobs }: Contents,
): Promise<Answer> {
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

async function finishUpload(request: RegistryRequest, { blobs }: Contents): Promise<Answer> {
    const { repository, item, query, message } = request;
    const upload = blobs.upload(repository, item);
    const digest = checkDigest(query.get("digest") ?? "");
    await upload.append(message);
    await upload.finish(digest);
    return blobCreated(repository, digest);
}

async function cancelUpload({ repository, item }: RegistryRequest, { blobs }: Contents): Promise<Answer> {
    await blobs.upload(repository, item).cancel();
    return { status: 204 };
}

function readBlob({ repository, item, message }: RegistryRequest, { blobs }: Contents): Answer {
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

function readManifest({ repository, item, message }: RegistryRequest, { manifests }: Contents): Answer {
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
    { repository, item, message, bytes }: RegistryRequest,
    { manifests }: Contents,
): Promise<Answer> {
    const reference = checkReference(item);
    const mediaType = message.headers["content-type"] ?? "";
    const { digest } = manifests.put(repository, reference, mediaType, await bytes());
    return {
        status: 201,
        headers: { Location: `/v2/${repository}/manifests/${digest}`, "Docker-Content-Digest": digest },
    };
}

function removeManifest({ repository, item }: RegistryRequest, { manifests }: Contents): Answer {
    manifests.remove(repository, checkReference(item));
    return { status: 202 };
}

function listTags({ repository, query }: RegistryRequest, { manifests }: Contents): Answer {
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
        json: { name: repository, tags },
    };
}

function blobCreated(repository: string, digest: string): Answer {
    return {
        status: 201,
        headers: { Location: `/v2/${repository}/blobs/${digest}`, "Docker-Content-Digest": digest },
    };
}

function uploadResponse(status: number, upload: Upload): Answer {
    return { status, headers: uploadHeaders(upload) };
}

function uploadHeaders(upload: Upload): Record<string, string> {
    return {
        Location: `/v2/${upload.repository}/blobs/uploads/${upload.id}`,
        // The specification wants 0-0 for an empty upload, too.
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
