import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Certificates } from "../../base/certificates";
import { decrypt, encrypt, sealOf, sign } from "./moduleCryptography";

/** What the device lets its modules use without showing it to them. */
export interface ModuleSecrets {
    /** The key of a module's identity, base64; undefined when it has none. */
    key(moduleId: string): string | undefined;
    generationId(moduleId: string): string;
    /** The authority that signed the hub's certificate, PEM. */
    trustBundle: string;
    /** Makes a certificate for a module. */
    issue: Certificates["issue"];
}

/** A request that is refused, with the status of the answer. */
export class WorkloadError extends Error {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

interface Answer {
    status: number;
    body: unknown;
}

const apiVersions = "2018-06-28 2019-01-30 2019-10-22 2019-11-05 2020-07-07 2021-12-07 2022-08-03".split(" ");
const operationPath =
    /^\/modules\/([^/]+)\/genid\/([^/]+)\/(sign|encrypt|decrypt|certificate\/server|certificate\/identity)$/;

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

/** Answers a request of the module whose socket it came through (`edgelet-http-workload`). */
export async function answer(
    moduleId: string,
    secrets: ModuleSecrets,
    request: IncomingMessage,
): Promise<Answer> {
    const url = new URL(request.url ?? "/", "http://workload");
    if (!apiVersions.includes(url.searchParams.get("api-version") ?? ""))
        throw new WorkloadError(400, "invalid api-version");
    if (request.method === "GET" && url.pathname === "/trust-bundle")
        return { status: 200, body: { certificate: secrets.trustBundle } };
    const [, name = "", generation = "", operation = ""] = operationPath.exec(url.pathname) ?? [];
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
            return { status: 200, body: { digest: sign(key, data) } };
        }
        case "certificate/server": {
            const { commonName } = read(certificateRequest, body);
            return issued(secrets, { commonName, names: [commonName, moduleId], use: "server" });
        }
        case "certificate/identity":
            return issued(secrets, { commonName: moduleId, names: [moduleId], use: "client" });
        default: {
            const { initializationVector: vector, ...texts } = read(cipherRequest, body);
            const seal = sealOf(key, `${moduleId}${generation}`, vector);
            return { status: 200, body: cipher(operation, seal, texts) };
        }
    }
}

async function issued(
    { issue }: ModuleSecrets,
    request: Parameters<Certificates["issue"]>[0],
): Promise<Answer> {
    const { certificate, privateKey, expiration } = await issue(request);
    const body = {
        privateKey: { type: "key", bytes: privateKey },
        certificate,
        expiration: expiration.toISOString(),
    };
    return { status: 201, body };
}

function cipher(
    operation: string,
    seal: ReturnType<typeof sealOf>,
    { plaintext, ciphertext }: { plaintext?: string; ciphertext?: string },
): object {
    if (operation === "encrypt") {
        if (plaintext === undefined) throw new WorkloadError(400, "missing plaintext");
        return { ciphertext: encrypt(seal, plaintext) };
    }
    if (ciphertext === undefined) throw new WorkloadError(400, "missing ciphertext");
    try {
        return { plaintext: decrypt(seal, ciphertext) };
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
