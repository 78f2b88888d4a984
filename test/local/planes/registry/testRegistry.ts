import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCertificates } from "../../../../local/base/certificates";
import { openStore, type Store } from "../../../../local/base/store";
import type { PlaneHost, RunningPlane } from "../../../../local/planes/plane";
import { passwordHash } from "../../../../local/planes/registry/authorization";
import { registryPlane } from "../../../../local/planes/registry/plane";
import type { RegistrySettings } from "../../../../local/planes/registry/settings";
import { servePlane } from "../../../../local/planes/servePlane";
import { freePort } from "../../../support/freePort";

/** A registry on a free port, with a folder for files of the test. */
export interface TestRegistry {
    registry: RunningPlane<RegistrySettings>;
    description: RegistrySettings;
    account: { server: string; username: string; password: string };
    store: Store;
    /** What the registry runs on, for another one over the same store. */
    host: PlaneHost;
    folder: string;
    scratch: string;
    /** Deletes a manifest of the repository `module`. */
    delete(digest: string): Promise<void>;
    restart(): Promise<void>;
    close(): Promise<void>;
}

export async function startTestRegistry(): Promise<TestRegistry> {
    const root = mkdtempSync(join(tmpdir(), "registry-"));
    const store = openStore(join(root, "store"));
    const port = await freePort();
    const description: RegistrySettings = {
        name: "registry1",
        hostName: `localhost:${port}`,
        users: () => [
            { name: "registry1", passwordHashes: ["first-password", "second-password"].map(passwordHash) },
        ],
    };
    const host = { store, folder: root, certificates: await localCertificates(store) };
    const serve = () => servePlane(registryPlane, description, host);
    const test: TestRegistry = {
        registry: await serve(),
        description,
        account: { server: description.hostName, username: "registry1", password: "first-password" },
        store,
        host,
        folder: join(root, "registries", description.name),
        scratch: root,
        async delete(digest) {
            const basic = Buffer.from("registry1:first-password").toString("base64");
            const url = `http://${description.hostName}/v2/module/manifests/${digest}`;
            const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
            const { status } = await fetch(url, { method: "DELETE", headers });
            if (status !== 202) throw new Error(`The registry answered ${status}.`);
        },
        async restart() {
            await test.registry.close();
            test.registry = await serve();
        },
        async close() {
            await test.registry.close();
            await store.close();
            rmSync(root, { recursive: true, force: true });
        },
    };
    return test;
}

export function sha256(content: string | Buffer): string {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** A layer file with this content, which need be no archive to be pushed. */
export function layerFile(folder: string, content: string | Buffer) {
    const digest = sha256(content);
    const file = join(folder, digest.replace(":", "-"));
    writeFileSync(file, content);
    return { file, digest, size: Buffer.byteLength(content) };
}
