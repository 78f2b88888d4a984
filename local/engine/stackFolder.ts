import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../../setup/engineCache";
import { ownFolder } from "../base/ownerOnly";

/** The places where a local stack keeps its things, all in one folder of the project that git ignores. */
export interface StackFolder {
    readonly stack: string;
    readonly project: string;
    /** `.local/stacks/STACK`. */
    readonly folder: string;
    /** Store, blobs, device and log of the local Azure. */
    readonly azure: string;
    readonly pulumiHome: string;
    /** Pulumi's own state. */
    readonly state: string;
    readonly passphraseFile: string;
    /** The local authority's certificate beside those that Node already trusts by NODE_EXTRA_CA_CERTS. */
    readonly caBundle: string;
    /** `Pulumi.STACK.yaml`, which the engine wants beside `Pulumi.yaml`. */
    readonly configFile: string;
    /** Ports claimed by the local stacks of this user, in any clone. */
    readonly ports: string;
}

const stackPattern = /^[a-z][a-z0-9-]{0,39}$/;

/** Finds the folder of a local stack; refuses names that are no stack names and those of stacks that are not local. */
export function stackFolder(project: string, stack: string, env: NodeJS.ProcessEnv): StackFolder {
    if (!stackPattern.test(stack)) {
        throw new RangeError(
            `Expected a stack name of 1 to 40 lower-case letters, digits or dashes that begins with a letter, found "${stack}".`,
        );
    }
    const folder = resolve(project, ".local/stacks", stack);
    const found: StackFolder = {
        stack,
        project: resolve(project),
        folder,
        azure: join(folder, "azure"),
        pulumiHome: join(folder, "pulumi"),
        state: join(folder, "state"),
        passphraseFile: join(folder, "passphrase"),
        caBundle: join(folder, "ca-bundle.pem"),
        configFile: resolve(project, `Pulumi.${stack}.yaml`),
        ports: join(cacheFolder(env), "ports"),
    };
    if (existsSync(found.configFile) && !existsSync(found.folder)) {
        throw new RangeError(
            `Expected "${stack}" to be free for a local stack, found Pulumi.${stack}.yaml of a stack that is not local. ` +
                "Choose another name with --stack, or remove that file.",
        );
    }
    return found;
}

/** Makes the folder and its passphrase, once. */
export function createStackFolder(stack: StackFolder): void {
    for (const folder of [stack.folder, stack.azure, stack.pulumiHome, stack.state]) {
        ownFolder(folder);
    }
    if (!existsSync(stack.passphraseFile)) {
        writeFileSync(stack.passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
    }
}
