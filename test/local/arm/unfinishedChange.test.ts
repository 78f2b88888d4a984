import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArmError } from "../../../local/arm/armError";
import type { ArmResource } from "../../../local/arm/armResource";
import { callManagement, UnfinishedChange } from "../../../local/arm/managementCall";
import { localCertificates } from "../../../local/base/certificates";
import { openStore, type Store } from "../../../local/base/store";
import { writeEndpoints } from "../../../local/endpoints";
import { azureNative } from "../../../local/providers/azureNative";
import { managementClient } from "../../../local/providers/management";
import { UnfinishedCreation } from "../../../provider-protocol/provider";
import { groupId } from "./testModel";

// A management endpoint that accepts a change, and of which its end cannot be learnt.
const accepted = { id: "/a/hub", properties: { provisioningState: "Accepted" } };
let folder: string;
let store: Store;
let server: Server;
/** What becomes of the operation that was accepted. */
let follow: "cut" | "failed";

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "unfinished-"));
    store = openStore(join(folder, "store"));
    const { caPem, certPem: cert, keyPem: key } = await localCertificates(store);
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, caPem);
    server = createServer({ cert, key }, ({ method, url, socket }, response) => {
        if (url === "/operation" && follow === "cut") return socket.destroy();
        const failed = { status: "Failed", error: { code: "Quota", message: "Too many." } };
        if (url === "/operation") return response.end(JSON.stringify(failed));
        if (method === "GET") {
            response.writeHead(404);
            return response.end(JSON.stringify({ error: { code: "ResourceNotFound", message: "None." } }));
        }
        response.writeHead(method === "PUT" ? 201 : 202, { "Azure-AsyncOperation": "/operation" });
        return response.end(JSON.stringify(accepted));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const managementUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
    writeEndpoints(folder, { pid: 1, managementUrl, managementToken: "ours", caFile });
});
afterAll(async () => {
    await new Promise((resolve) => server?.close(resolve));
    await store?.close();
    rmSync(folder, { recursive: true });
});

const failure = (method: string) => callManagement(folder, method, "/a/hub", {}).catch((error) => error);

test("a PUT that was accepted keeps what was answered, where nobody can be asked for its end", async () => {
    follow = "cut";
    const error = await failure("PUT");
    expect(error).toBeInstanceOf(UnfinishedChange);
    expect(error).toMatchObject({ accepted, message: expect.stringContaining("local Azure to answer") });
    expect(await failure("DELETE")).not.toBeInstanceOf(UnfinishedChange);
});

test("one that has failed is a refusal", async () => {
    follow = "failed";
    expect(await failure("PUT")).toBeInstanceOf(ArmError);
});

test("the stand-in tells the engine of a creation that was begun, and of none that was refused", async () => {
    const create = () => {
        const type = "azure-native:iothub:IotHubResource";
        const inputs = { resourceGroupName: "rg", resourceName: "h", location: "westeurope", properties: {} };
        const resource = { urn: "urn", type, name: "hub" };
        return azureNative(managementClient(folder)).create(resource, inputs, false);
    };
    follow = "cut";
    const begun = await create().catch((error) => error);
    expect(begun).toBeInstanceOf(UnfinishedCreation);
    const id: ArmResource["id"] = `${groupId.replace(/[^/]+$/, "rg")}/providers/Microsoft.Devices/IotHubs/h`;
    expect(begun).toMatchObject({ id, properties: { properties: accepted.properties } });
    follow = "failed";
    expect(await create().catch((error) => error)).toBeInstanceOf(ArmError);
});
