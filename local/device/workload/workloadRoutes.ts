import { z } from "zod";
import type { Certificates } from "../../base/certificates";
import { type Answer, Refusal, type Refusals } from "../../base/http/refusal";
import type { Request } from "../../base/http/request";
import type { HttpService, Route } from "../../base/http/service";
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

class WorkloadError extends Refusal {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }

    answer(): Answer {
        return { status: this.status, json: { message: this.message } };
    }
}

const refusals: Refusals = {
    noRoute: () => new WorkloadError(404, "not found"),
    badAddress: () => new WorkloadError(400, "malformed address"),
    tooLarge: () => new WorkloadError(413, "request body too large"),
    notJson: () => new WorkloadError(400, "malformed request body"),
    internal: (message) => new WorkloadError(500, message),
    throttled: () => new WorkloadError(429, "too many requests"),
    unavailable: () => new WorkloadError(503, "service unavailable"),
};

const largestBody = 1024 * 1024;
const apiVersions = "2018-06-28 2019-01-30 2019-10-22 2019-11-05 2020-07-07 2021-12-07 2022-08-03".split(" ");

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

/** What edgelet serves to one module (`edgelet-http-workload`); the socket it came through says whose a request is. */
export function workloadService(moduleId: string, secrets: ModuleSecrets): HttpService {
    return {
        name: `Workload API of ${moduleId}`,
        bodyLimit: largestBody,
        caseSensitive: true,
        refusals,
        admit({ query }) {
            if (!apiVersions.includes(query.get("api-version") ?? ""))
                throw new WorkloadError(400, "invalid api-version");
        },
        routes: [
            {
                method: "GET",
                path: "/trust-bundle",
                handle: () => ({ status: 200, json: { certificate: secrets.trustBundle } }),
            },
            ...moduleRoutes(moduleId, secrets),
        ],
    };
}

function moduleRoutes(moduleId: string, secrets: ModuleSecrets): Route[] {
    const route = (operation: string, handle: (key: string, request: Request) => Promise<Answer>): Route => ({
        method: "POST",
        path: `/modules/:name/genid/:generation/${operation}`,
        handle(request) {
            const { name, generation } = request.params;
            // edgelet looks at the calling process; here the socket itself says who calls.
            if (name !== moduleId || generation !== secrets.generationId(moduleId))
                throw new WorkloadError(403, "forbidden");
            const key = secrets.key(moduleId);
            if (key === undefined) throw new WorkloadError(500, "module identity missing key");
            return handle(key, request);
        },
    });
    return [
        route("sign", async (key, request) => {
            const { data, algo = "HMACSHA256" } = await read(signRequest, request);
            if (algo !== "HMACSHA256") throw new WorkloadError(400, `unknown algorithm ${algo}`);
            return { status: 200, json: { digest: sign(key, data) } };
        }),
        route("encrypt", async (key, request) => {
            const { plaintext, initializationVector } = await read(cipherRequest, request);
            if (plaintext === undefined) throw new WorkloadError(400, "missing plaintext");
            const seal = sealOf(key, bound(request), initializationVector);
            return { status: 200, json: { ciphertext: encrypt(seal, plaintext) } };
        }),
        route("decrypt", async (key, request) => {
            const { ciphertext, initializationVector } = await read(cipherRequest, request);
            if (ciphertext === undefined) throw new WorkloadError(400, "missing ciphertext");
            try {
                const seal = sealOf(key, bound(request), initializationVector);
                return { status: 200, json: { plaintext: decrypt(seal, ciphertext) } };
            } catch {
                throw new WorkloadError(500, "decryption failed");
            }
        }),
        route("certificate/server", async (_key, request) => {
            const { commonName } = await read(certificateRequest, request);
            return issued(secrets, { commonName, names: [commonName, moduleId], use: "server" });
        }),
        route("certificate/identity", () =>
            issued(secrets, { commonName: moduleId, names: [moduleId], use: "client" }),
        ),
    ];
}

/** What a sealed text is bound to: the module's name and generation. */
function bound({ params }: Request): string {
    return `${params.name}${params.generation}`;
}

async function issued(
    { issue }: ModuleSecrets,
    request: Parameters<Certificates["issue"]>[0],
): Promise<Answer> {
    const { certificate, privateKey, expiration } = await issue(request);
    const json = {
        privateKey: { type: "key", bytes: privateKey },
        certificate,
        expiration: expiration.toISOString(),
    };
    return { status: 201, json };
}

async function read<T>(schema: z.ZodType<T>, request: Request): Promise<T> {
    const result = schema.safeParse(await request.json());
    if (result.success) return result.data;
    throw new WorkloadError(400, `malformed request body: ${z.prettifyError(result.error)}`);
}
