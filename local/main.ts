import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { managementServer } from "./arm/managementServer";
import { resourceModel } from "./arm/resourceModel";
import { lockFile } from "./background";
import { localCertificates } from "./base/certificates";
import { closeAtOnce, listenLocally } from "./base/listen";
import { claimPort } from "./base/ports";
import { openStore, type Store } from "./base/store";
import { federatedTokenFile, removeEndpoints, writeEndpoints } from "./endpoints";
import { configuredFaults } from "./faults/faults";
import { runDataPlanes } from "./planes/dataPlanes";
import { localDirectory } from "./planes/entra/directory";
import { takeLock } from "../setup/lock";
import { runtimeSettingsReader } from "./runtimeSettings";
import { statusOf } from "./status";

const firstManagementPort = 8442;

/**
 * The local Azure of one stack, as a background process: store, certificates, data planes (hubs, registries, devices),
 * management endpoint. Takes up what ran before; SIGTERM stops modules and servers and keeps everything stored.
 */
async function main(folder: string, ports: string, stackFolder: string): Promise<void> {
    const { release: releaseLock } = takeLock(lockFile(folder));
    if (!releaseLock) return log("another process runs this local Azure already");
    const store = openStore(join(folder, "store"));
    const certificates = await localCertificates(store);
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, certificates.caPem);

    const settings = store.collection<number>("settings");
    const port =
        settings.get("management-port") ??
        (await claimPort(ports, { stackFolder, what: "management" }, firstManagementPort));
    settings.put("management-port", port);
    const managementUrl = `https://localhost:${port}`;
    const directory = localDirectory(kept(store, "entra-key", newSigningKey), managementUrl);
    writeFileSync(federatedTokenFile(folder), await directory.newAssertion(), { mode: 0o600 });

    const settingsNow = runtimeSettingsReader(folder);
    const faults = configuredFaults(() => settingsNow().faults, log);
    const dataPlanes = runDataPlanes({
        folder,
        store,
        certificates,
        ports,
        stackFolder,
        environment: process.env,
        directory,
        faults,
    });
    const model = resourceModel(store, dataPlanes);
    const managementToken = kept(store, "management-token", () => randomBytes(32).toString("base64url"));
    const server = managementServer({
        model,
        certificates,
        token: managementToken,
        directory,
        faults,
        status: () => statusOf(dataPlanes, caFile, settingsNow().faults?.plan),
    });

    let stopping = false;
    const stop = async () => {
        if (stopping) return;
        stopping = true;
        log("stopping");
        removeEndpoints(folder);
        await closeAtOnce(server);
        await dataPlanes.close();
        await store.close();
        releaseLock();
        log("stopped");
    };
    const stopAndExit = () => void stop().then(() => process.exit(0), fail);
    process.on("SIGTERM", stopAndExit);
    process.on("SIGINT", stopAndExit);

    await model.resume();
    await listenLocally(server, port, "The local Azure's management endpoint");
    writeEndpoints(folder, {
        pid: process.pid,
        managementUrl,
        managementToken,
        caFile,
    });
    log(`running as process ${process.pid}, management on port ${port}`);
}

function kept(store: Store, key: string, make: () => string): string {
    const collection = store.collection<string>("secrets");
    const known = collection.get(key);
    if (known !== undefined) return known;
    const made = make();
    collection.put(key, made);
    return made;
}

function newSigningKey(): string {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function log(line: string): void {
    process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function fail(error: unknown): void {
    log(error instanceof Error ? error.message : String(error));
    process.exit(1);
}

const [folder, ports, stackFolder] = process.argv.slice(2);
if (folder && ports && stackFolder) main(folder, ports, stackFolder).catch(fail);
else fail("Expected the folder of the local Azure, the folder of ports and the stack's folder as arguments.");
