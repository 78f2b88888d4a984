import { join } from "node:path";
import type { Plane, RunningPlane } from "../plane";
import { applicationCredentials } from "./applicationCredentials";
import { type Directory, localDirectory } from "./directory";
import { refusals } from "./errors";
import { entraRoutes } from "./routes";
import type { DirectorySettings } from "./settings";

/** A directory that answers. */
export interface LocalEntra extends RunningPlane<DirectorySettings> {
    readonly directory: Directory;
}

const largestForm = 1024 * 1024;

/** Entra, as far as whoever deploys needs it: metadata of the cloud, discovery and tokens. It remembers nothing. */
export const entraPlane: Plane<DirectorySettings, LocalEntra> = {
    title: "directory",
    scheme: "https",
    async start({ hostName, signingKey }, { folder }) {
        const credentials = applicationCredentials(join(folder, "application"));
        const directory = localDirectory(signingKey, `https://${hostName}`, credentials);
        return {
            directory,
            service: {
                name: "Entra",
                bodyLimit: largestForm,
                caseSensitive: true,
                refusals,
                routes: entraRoutes(directory),
            },
            update() {},
            async close() {},
            forget() {},
        };
    },
};
