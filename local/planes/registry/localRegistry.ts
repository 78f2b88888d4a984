import { mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { closeAtOnce, listenLocally } from "../../base/listen";
import type { Store } from "../../base/store";
import type { FaultSource } from "../../faults/faults";
import { underFaults } from "../../faults/underFaults";
import { authenticate, type RegistryUser } from "./authorization";
import { openBlobs } from "./blobs";
import { RegistryError } from "./errors";
import { openManifests } from "./manifests";
import { answer, type RegistryResponse } from "./routes";

/** One container registry resource: where it answers, and whom it lets in. */
export interface RegistryDescription {
    /** Of the resource; what the registry remembers is kept under it. */
    name: string;
    /** `localhost:<port>`, as images are named after it. */
    loginServer: string;
    /** On 127.0.0.1, plain HTTP as Docker expects of a registry on localhost. */
    port: number;
    /** Asked at every request; with none nobody gets in. */
    users(): readonly RegistryUser[];
}

export interface LocalRegistry {
    loginServer: string;
    close(): Promise<void>;
}

/** Opens a registry over the blobs in `folder` (its own) and what the store knows of manifests and tags. */
export async function startRegistry(
    registry: RegistryDescription,
    folder: string,
    store: Store,
    faults?: FaultSource,
): Promise<LocalRegistry> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const blobs = openBlobs(folder, store.collection<number>(`registry/${registry.name}/blobs`));
    const contents = { blobs, manifests: openManifests(registry.name, store, blobs) };

    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
        response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
        try {
            const user = authenticate(request.headers.authorization, registry.users(), registry.loginServer);
            await send(response, await answer(request, contents, user));
        } catch (error) {
            if (response.headersSent || response.destroyed) response.destroy();
            else await send(response, refusal(error));
        }
    }

    const server = createServer(
        underFaults(
            faults,
            (fault, response) => void send(response, refusal(busy[fault]())),
            (request, response) => void respond(request, response),
        ),
    );
    await listenLocally(server, registry.port, `The container registry ${registry.name}`);
    return { loginServer: registry.loginServer, close: () => closeAtOnce(server) };
}

const busy = {
    throttled: () => new RegistryError("TOOMANYREQUESTS", "too many requests"),
    unavailable: () => new RegistryError("UNAVAILABLE", "service unavailable"),
};

/** Forgets every image of a registry that was deleted. */
export function deleteRegistryData(name: string, folder: string, store: Store): void {
    store.transaction(() => {
        for (const kind of ["blobs", "manifests", "tags"]) {
            const collection = store.collection(`registry/${name}/${kind}`);
            for (const [key] of collection.entries()) collection.remove(key);
        }
    });
    rmSync(folder, { recursive: true, force: true });
}

async function send(
    response: ServerResponse,
    { status, headers = {}, body }: RegistryResponse,
): Promise<void> {
    response.writeHead(status, headers);
    if (body === undefined || typeof body === "string") response.end(body);
    else await pipeline(body, response);
}

function refusal(error: unknown): RegistryResponse {
    const isOwn = error instanceof RegistryError;
    if (!isOwn)
        process.stderr.write(`Container registry: ${error instanceof Error ? error.stack : String(error)}\n`);
    const { code, status, headers, message } = isOwn ? error : new RegistryError("UNKNOWN", String(error));
    return {
        status,
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ errors: [{ code, message, detail: null }] }),
    };
}
