import { rmSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../base/ownerOnly";
import type { Plane } from "../plane";
import { authenticate } from "./authorization";
import { openBlobs } from "./blobs";
import { refusals } from "./errors";
import { openManifests } from "./manifests";
import { registryRoutes } from "./routes";
import type { RegistrySettings } from "./settings";

const largestManifest = 4 * 1024 * 1024;

/** A container registry: blobs in a folder of its own, manifests and tags in the store. */
export const registryPlane: Plane<RegistrySettings> = {
    title: "container registry",
    scheme: "http",
    async start({ name, hostName, users }, host) {
        const folder = join(host.folder, "registries", name);
        ownFolder(folder);
        const sizes = host.store.collection<number>(`registry/${name}/blobs`);
        const blobs = openBlobs(folder, sizes);
        const manifests = openManifests(name, host.store, blobs);
        const userOf = (authorization: string | undefined) => authenticate(authorization, users(), hostName);
        return {
            service: {
                name: "Container registry",
                bodyLimit: largestManifest,
                caseSensitive: true,
                refusals,
                headers: () => ({ "Docker-Distribution-API-Version": "registry/2.0" }),
                admit: ({ headers }) => void userOf(headers.authorization),
                routes: registryRoutes({ blobs, manifests }, userOf),
            },
            update() {},
            async close() {},
            forget() {
                host.store.transaction(() => {
                    manifests.clear();
                    sizes.clear();
                });
                rmSync(folder, { recursive: true, force: true });
            },
        };
    },
};
