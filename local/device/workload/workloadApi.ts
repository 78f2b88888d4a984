import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { closeAtOnce } from "../../base/listen";

/** What the device lets its modules use without showing it to them. */
export interface ModuleSecrets {
    /** The key of a module's identity, base64; undefined when it has none. */
    key(moduleId: string): string | undefined;
    generationId(moduleId: string): string;
    /** The authority that signed the hub's certificate, PEM. */
    trustBundle: string;
    /** Makes a certificate for a module; PEM, with its end of life. */
    issue(
        request: CertificateRequest,
    ): Promise<{ certificate: string; privateKey: string; expiration: Date }>;
}

export interface CertificateRequest {
    commonName: string;
    /** Further names of a server. */
    names: string[];
    use: "server" | "client";
}

/** The workload APIs of one device: each module has a socket of its own, in a folder of its own. */
export interface WorkloadApi {
    /** Opens a module's socket, once; returns its folder, which outlives restarts of the server. */
    open(moduleId: string): Promise<string>;
    close(): Promise<void>;
}

export const socketName = "workload.sock";
/** The system's limit on a socket's path. */
const longestPath = 104;
const apiVersions = [
    "2018-06-28",
    "2019-01-30",
    "2019-10-22",
    "2019-11-05",
    "2020-07-07",
    "2021-12-07",
    "2022-08-03",
];

class WorkloadError extends Error {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

/** Serves the workload API of edgelet (`edgelet-http-workload`) to a device's modules, on unix sockets below `folder`. */
export function workloadApi(folder: string, secrets: ModuleSecrets): WorkloadApi {
    const servers = new Map<string, Promise<Server>>();
    const root = socketRoot(folder);

    async function listen(moduleId: string, path: string): Promise<Server> {
        rmSync(path, { force: true });
        const server = createServer((request, response) => {
            answer(moduleId, secrets, request).then(
                ({ status, body }) => {
                    response.writeHead(status, { "Content-Type": "application/json" });
                    response.end(JSON.stringify(body));
                },
                (error: unknown) => {
                    const isOwn = error instanceof WorkloadError;
                    response.writeHead(isOwn ? error.status : 500, { "Content-Type": "application/json" });
                    response.end(JSON.stringify({ message: (error as Error).message }));
                },
            );
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(path, resolve);
        });
        // A module in a container may be any user there; only its own folder is shown to it.
        chmodSync(path, 0o666);
        return server;
    }

    return {
        async open(moduleId) {
            const own = join(root, moduleId);
            mkdirSync(root, { recursive: true, mode: 0o700 });
            mkdirSync(own, { recursive: true, mode: 0o755 });
            const opened = servers.get(moduleId) ?? listen(moduleId, join(own, socketName));
            servers.set(moduleId, opened);
            await opened;
            return own;
        },
        async close() {
            const open = await Promise.all(servers.values());
            servers.clear();
            await Promise.all(open.map(closeAtOnce));
            if (root !== folder) rmSync(root, { recursive: true, force: true });
        },
    };
}

/** The folder itself, or one in the system's for temporary files where a socket's path would be too long or strange. */
function socketRoot(folder: string): string {
    const place = join(folder, "m".repeat(20), socketName);
    // The path is part of a URI, which clients do not decode.
    if (place.length <= longestPath && /^[\w./-]+$/.test(place)) return folder;
    return join(tmpdir(), `edge-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`);
}

const signRequest = z.looseObject({
    data: z.base64(),
    algo: z.string().optional(),
    keyId: z.string().optional(),
});
const certificateRequest = z.looseObject({ commonName: z.string().min(1).max(64) });
const cipherRequest = z.looseObject({
    plaintext: z.base64().optional(),
    ciphertext: z.base64().optional(),
    initializationVector: z.base64(),
});

async function answer(
    moduleId: string,
    secrets: ModuleSecrets,
    request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? "/", "http://workload");
    if (!apiVersions.includes(url.searchParams.get("api-version") ?? ""))
        throw new WorkloadError(400, "invalid api-version");
    if (request.method === "GET" && url.pathname === "/trust-bundle")
        return { status: 200, body: { certificate: secrets.trustBundle } };
    const [, name = "", generation = "", operation = ""] =
        /^\/modules\/([^/]+)\/genid\/([^/]+)\/(sign|encrypt|decrypt|certificate\/server|certificate\/identity)$/.exec(
            url.pathname,
        ) ?? [];
    if (operation === "" || request.method !== "POST") throw new WorkloadError(404, "not found");
    // edgelet looks at the calling process; here the socket itself says who calls.
    if (
        decodeURIComponent(name) !== moduleId ||
        decodeURIComponent(generation) !== secrets.generationId(moduleId)
    )
        throw new WorkloadError(403, "forbidden");
    const key = secrets.key(moduleId);
    if (key === undefined) throw new WorkloadError(500, "module identity missing key");
    const body = await text(request);
    switch (operation) {
        case "sign": {
            const { data, algo = "HMACSHA256" } = read(signRequest, body);
            if (algo !== "HMACSHA256") throw new WorkloadError(400, `unknown algorithm ${algo}`);
            const digest = createHmac("sha256", Buffer.from(key, "base64"))
                .update(Buffer.from(data, "base64"))
                .digest("base64");
            return { status: 200, body: { digest } };
        }
        case "certificate/server": {
            const { commonName } = read(certificateRequest, body);
            return issued(secrets, { commonName, names: [commonName, moduleId], use: "server" });
        }
        case "certificate/identity":
            return issued(secrets, { commonName: moduleId, names: [moduleId], use: "client" });
        default:
            return {
                status: 200,
                body: cipher(operation, read(cipherRequest, body), key, `${moduleId}${generation}`),
            };
    }
}

async function issued(secrets: ModuleSecrets, request: CertificateRequest) {
    const { certificate, privateKey, expiration } = await secrets.issue(request);
    const body = {
        privateKey: { type: "key", bytes: privateKey },
        certificate,
        expiration: expiration.toISOString(),
    };
    return { status: 201, body };
}

/** AES-GCM under a key of the module's own, bound to its name and generation as edgelet binds it. */
function cipher(
    operation: string,
    { plaintext, ciphertext, initializationVector }: z.infer<typeof cipherRequest>,
    moduleKey: string,
    bound: string,
): object {
    const key = createHmac("sha256", Buffer.from(moduleKey, "base64")).update("encryption").digest();
    const vector = createHash("sha256").update(Buffer.from(initializationVector, "base64")).digest();
    if (operation === "encrypt") {
        if (plaintext === undefined) throw new WorkloadError(400, "missing plaintext");
        const salt = randomBytes(12);
        const sealing = createCipheriv("aes-256-gcm", key, salt).setAAD(
            Buffer.concat([Buffer.from(bound), vector]),
        );
        const sealed = Buffer.concat([sealing.update(Buffer.from(plaintext, "base64")), sealing.final()]);
        return { ciphertext: Buffer.concat([salt, sealing.getAuthTag(), sealed]).toString("base64") };
    }
    if (ciphertext === undefined) throw new WorkloadError(400, "missing ciphertext");
    const bytes = Buffer.from(ciphertext, "base64");
    try {
        const opening = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12))
            .setAAD(Buffer.concat([Buffer.from(bound), vector]))
            .setAuthTag(bytes.subarray(12, 28));
        const opened = Buffer.concat([opening.update(bytes.subarray(28)), opening.final()]);
        return { plaintext: opened.toString("base64") };
    } catch {
        throw new WorkloadError(500, "decryption failed");
    }
}

function read<T>(schema: z.ZodType<T>, body: string): T {
    let parsed: unknown;
    try {
        parsed = JSON.parse(body);
    } catch {
        throw new WorkloadError(400, "malformed request body");
    }
    const result = schema.safeParse(parsed);
    if (result.success) return result.data;
    throw new WorkloadError(400, `malformed request body: ${z.prettifyError(result.error)}`);
}
