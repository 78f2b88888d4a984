import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalAzure, stopLocalAzure } from "../../local/background";
import { releasePorts } from "../../local/base/ports";
import { readEndpoints } from "../../local/endpoints";
import { childEnvironment, localEnvironment } from "../../local/engine/environment";
import { createStackFolder, type StackFolder } from "../../local/engine/stackFolder";
import { cacheFolder } from "../../setup/engineCache";

export const projectFolder = join(__dirname, "../..");

/** A local Azure in a folder of its own, as a real background process of this project's code. */
export interface TestAzure {
    readonly stack: StackFolder;
    /** What a program that signs in to it needs, as `local env` sets it. */
    readonly environment: NodeJS.ProcessEnv;
    /** Stops every process and removes the folder. */
    remove(): Promise<void>;
}

/** Where a test keeps the folder of a stack: out of the project, so that tests can run beside a real local stack. */
export function temporaryStack(name = "test"): StackFolder {
    const folder = mkdtempSync(join(tmpdir(), "local-azure-"));
    const place = (path: string) => join(folder, path);
    return {
        stack: name,
        project: projectFolder,
        folder,
        azure: place("azure"),
        pulumiHome: place("pulumi"),
        state: place("state"),
        passphraseFile: place("passphrase"),
        caBundle: place("ca-bundle.pem"),
        configFile: place(`Pulumi.${name}.yaml`),
        ports: join(cacheFolder(process.env), "ports"),
    };
}

/** Starts one and waits until it listens. */
export async function startTestAzure(): Promise<TestAzure> {
    const stack = temporaryStack();
    createStackFolder(stack);
    await startLocalAzure(stack);
    const { managementUrl, caFile } = readEndpoints(stack.azure);
    const local = localEnvironment(stack, "no-engine", managementUrl, process.env);
    return {
        stack,
        environment: { ...childEnvironment(local, process.env), NODE_EXTRA_CA_CERTS: caFile },
        remove: async () => {
            await stopLocalAzure(stack);
            releasePorts(stack.ports, stack.folder);
            rmSync(stack.folder, { recursive: true, force: true });
        },
    };
}
