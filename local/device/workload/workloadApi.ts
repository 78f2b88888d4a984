import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpListener } from "../../base/http/httpListener";
import { closeAtOnce } from "../../base/listen";
import { type ModuleSecrets, workloadService } from "./workloadRoutes";

/** The workload APIs of one device: each module has a socket of its own, in a folder of its own. */
export interface WorkloadApi {
    /** Opens a module's socket, once; returns its folder, which outlives restarts of the server. */
    open(moduleId: string): Promise<string>;
    close(): Promise<void>;
}

export const socketName = "workload.sock";
/** How long the path of a socket may be on every system. */
const longestPath = 104;

/** Serves the workload API of edgelet to a device's modules, on unix sockets below `folder`. */
export function workloadApi(folder: string, secrets: ModuleSecrets): WorkloadApi {
    const servers = new Map<string, Promise<Server>>();
    const root = socketRoot(folder);
    return {
        async open(moduleId) {
            const own = join(root, moduleId);
            mkdirSync(root, { recursive: true, mode: 0o700 });
            mkdirSync(own, { recursive: true, mode: 0o755 });
            const opened = servers.get(moduleId) ?? listen(moduleId, secrets, join(own, socketName));
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

async function listen(moduleId: string, secrets: ModuleSecrets, path: string): Promise<Server> {
    rmSync(path, { force: true });
    const server = createServer(httpListener(workloadService(moduleId, secrets)));
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(path, resolve);
    });
    // A module in a container may be any user there; only its own folder is shown to it.
    chmodSync(path, 0o666);
    return server;
}

/** The folder itself, or a temporary one where a socket's path would be too long or hold unusual characters. */
function socketRoot(folder: string): string {
    const own = `edge-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
    const fits = (root: string) => {
        const place = join(root, "m".repeat(20), socketName);
        // The path is part of a URI, which clients do not decode.
        return place.length <= longestPath && /^[\w./-]+$/.test(place);
    };
    return [folder, join(tmpdir(), own)].find(fits) ?? join("/tmp", own);
}
