import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { startLocalAzure, stopLocalAzure } from "./background";
import { releasePorts } from "./base/ports";
import type { Endpoints } from "./endpoints";
import { type Environment, localEnvironment } from "./engine/environment";
import { preparePulumiHome } from "./engine/pulumiHome";
import { writeStackConfig } from "./engine/stackConfig";
import { createStackFolder, type StackFolder } from "./engine/stackFolder";
import { removeFromEngine } from "./removeFromEngine";

/** A stack whose local Azure listens and whose environment leads the plain CLI to it. */
export interface LocalStack {
    readonly endpoints: Endpoints;
    readonly environment: Environment;
}

/** Makes everything a local stack needs and starts its local Azure; what is there already stays. */
export async function openLocalStack(
    stack: StackFolder,
    engineFolder: string,
    current: NodeJS.ProcessEnv,
): Promise<LocalStack> {
    createStackFolder(stack);
    const endpoints = await startLocalAzure(stack);
    await writeStackConfig(stack);
    preparePulumiHome(stack.pulumiHome, stack.project);
    writeCaBundle(stack, endpoints, current.NODE_EXTRA_CA_CERTS);
    return {
        endpoints,
        environment: localEnvironment(stack, engineFolder, endpoints.managementUrl, current),
    };
}

/** What became of a local stack. */
export interface Reset {
    readonly wasThere: boolean;
    /** The images that its builds left in a Docker engine that could not be asked to remove them. */
    readonly leftImages: readonly string[];
}

/** Stops a local stack's processes and removes everything it has, in the Docker engine too. */
export async function resetLocalStack(stack: StackFolder, dockerHost?: string): Promise<Reset> {
    if (!existsSync(stack.folder)) return { wasThere: false, leftImages: [] };
    await stopLocalAzure(stack);
    // First, for the folder holds the record of what is there: who is interrupted begins again.
    const leftImages = await removeFromEngine(stack.azure, dockerHost, { withContainers: true });
    releasePorts(stack.ports, stack.folder);
    // The configuration holds the salt of the passphrase that goes with the folder.
    rmSync(stack.configFile, { force: true });
    rmSync(stack.folder, { recursive: true, force: true });
    return { wasThere: true, leftImages };
}

/** NODE_EXTRA_CA_CERTS takes one file, so what this machine trusts by it already is copied in. */
function writeCaBundle(stack: StackFolder, endpoints: Endpoints, trusted: string | undefined): void {
    const others =
        trusted && trusted !== stack.caBundle && existsSync(trusted) ? readFileSync(trusted, "utf8") : "";
    writeFileSync(stack.caBundle, `${readFileSync(endpoints.caFile, "utf8")}\n${others}`);
}
