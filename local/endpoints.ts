import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeOwnFile } from "./base/ownerOnly";

/** Where a running local Azure is found. Written by it, readable for its owner alone, since it holds a token. */
export interface Endpoints {
    readonly pid: number;
    readonly managementUrl: string;
    /** Opens the management endpoint. */
    readonly managementToken: string;
    /** The certificate authority of hub and management endpoint, PEM. */
    readonly caFile: string;
}

/** The environment variable that leads the providers to the local Azure's folder. */
export const folderVariable = "EDGE_LOCAL_AZURE";

/** Reads where the local Azure of `folder` listens; throws a sentence when it was never started. */
export function readEndpoints(folder: string): Endpoints {
    try {
        return JSON.parse(readFileSync(endpointsFile(folder), "utf8"));
    } catch (cause) {
        throw new Error(
            "Expected the local Azure to be running, found no endpoints of it. Start it with: npm run edge -- local start",
            { cause },
        );
    }
}

/** Publishes the endpoints once everything listens. */
export function writeEndpoints(folder: string, endpoints: Endpoints): void {
    writeOwnFile(endpointsFile(folder), JSON.stringify(endpoints, null, 4));
}

/** Says that nothing listens any more. */
export function removeEndpoints(folder: string): void {
    rmSync(endpointsFile(folder), { force: true });
}

/** What whoever deploys shows to the local Azure's Entra instead of a secret; readable for its owner alone. */
export function federatedTokenFile(folder: string): string {
    return join(folder, "federated-token");
}

function endpointsFile(folder: string): string {
    return join(folder, "endpoints.json");
}
