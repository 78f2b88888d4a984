import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { takeLock } from "../setup/lock";
import { systemErrorText } from "../setup/systemError";
import { operationsOn } from "./arm/operations";
import { resourceModel } from "./arm/resourceModel";
import { armService } from "./arm/service";
import { lockFile } from "./background";
import { localCertificates } from "./base/certificates";
import { httpListener } from "./base/http/httpListener";
import { closeAtOnce, listenLocally } from "./base/listen";
import { writeOwnFile } from "./base/ownerOnly";
import { claimPort, stackPorts } from "./base/ports";
import { openStore, type Store } from "./base/store";
import { devicesBehindHubs } from "./device/devicesBehindHubs";
import { federatedTokenFile, removeEndpoints, writeEndpoints } from "./endpoints";
import { configuredFaults } from "./faults/faults";
import { failed } from "./firstError";
import { dataPlanes } from "./planes/dataPlanes";
import { hubRights } from "./planes/entra/directory";
import { entraPlane } from "./planes/entra/plane";
import { planesIn } from "./planes/planeKinds";
import { runtimeSettingsReader } from "./runtimeSettings";
import { statusOf, statusRoute } from "./status";

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

    const managementPort = store.collection<number>("settings");
    const port =
        managementPort.get("management-port") ??
        (await claimPort(ports, { stackFolder, what: "management" }, firstManagementPort));
    managementPort.put("management-port", port);
    const hostName = `localhost:${port}`;
    const host = { folder, store, certificates, ports: stackPorts(store, ports, stackFolder) };
    const signingKey = kept(store, "entra-key", newSigningKey);
    const entra = await entraPlane.start({ name: "entra", hostName, signingKey }, host);
    const { directory } = entra;
    writeOwnFile(federatedTokenFile(folder), await directory.newAssertion());

    const settingsNow = runtimeSettingsReader(folder);
    // They are asked for at every call; what is wrong with them is said here, where somebody waits for it.
    settingsNow();
    const faults = configuredFaults(() => settingsNow().faults, log);
    const devices = devicesBehindHubs({ ...host, environment: process.env });
    const { devicesBehind, devicesEnrolled } = devices;
    const surroundings = {
        devicesBehind,
        devicesEnrolled,
        bearerRights: hubRights(directory),
        delayMs: faults.delayMs,
    };
    const planes = dataPlanes(planesIn(surroundings), { ...host, faultsOf: faults.of });
    const model = resourceModel(store, planes, faults.delayMs);
    const managementToken = kept(store, "management-token", () => randomBytes(32).toString("base64url"));
    const arm = armService({
        model,
        operations: operationsOn(store, model, faults.operationMs),
        token: managementToken,
        directory,
        failsChange: faults.failsChange,
        throttlesArm: faults.throttlesArm,
        own: [
            statusRoute(() =>
                statusOf(planes, devices.status(), { caFile, faults: settingsNow().faults?.plan }),
            ),
        ],
    });
    const { certPem: cert, keyPem: key } = certificates;
    const server = createServer({ cert, key }, httpListener(arm, entra.service));

    let stopping = false;
    const stop = async () => {
        if (stopping) return;
        stopping = true;
        log("stopping");
        removeEndpoints(folder);
        await closeAtOnce(server);
        await arm.close();
        await devices.close();
        await planes.close();
        await store.close();
        releaseLock();
        log("stopped");
    };
    const stopAndExit = () => void stop().then(() => process.exit(0), fail);
    process.on("SIGTERM", stopAndExit);
    process.on("SIGINT", stopAndExit);

    await model.resume();
    await listenLocally(server, port, "The local Azure's management endpoint");
    const managementUrl = `https://${hostName}`;
    writeEndpoints(folder, { pid: process.pid, managementUrl, managementToken, caFile });
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
    const sentence = systemErrorText(error) ?? (error instanceof Error ? error.message : String(error));
    log(`${failed}${sentence}`);
    process.exit(1);
}

const [folder, ports, stackFolder] = process.argv.slice(2);
if (folder && ports && stackFolder) main(folder, ports, stackFolder).catch(fail);
else fail("Expected the folder of the local Azure, the folder of ports and the stack's folder as arguments.");
