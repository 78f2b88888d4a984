import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ArmError } from "../../../local/arm/armError";
import type { ArmResource } from "../../../local/arm/armResource";
import { operationsOn } from "../../../local/arm/operations";
import type { ResourceModel } from "../../../local/arm/resourceModel";
import { armService } from "../../../local/arm/service";
import { localCertificates } from "../../../local/base/certificates";
import { httpListener } from "../../../local/base/http/httpListener";
import { openStore } from "../../../local/base/store";
import { localDirectory } from "../../../local/planes/entra/directory";

const path =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/hub";

test("a resource that is being made is read when it is made", async () => {
    const folder = mkdtempSync(join(tmpdir(), "management-"));
    const store = openStore(folder);
    const certificates = await localCertificates(store);
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
        begun = resolve;
    });
    let finish = () => {};
    let made: ArmResource | undefined;
    // A hub that takes as long as the test wants; everything around it is the real endpoint.
    const slow: Partial<ResourceModel> = {
        put: async ({ id, name }) => {
            begun();
            await new Promise<void>((resolve) => {
                finish = resolve;
            });
            made = { id, name, type: "Microsoft.Devices/IotHubs", properties: {} } as ArmResource;
            return made;
        },
        find: () => made,
        get: () => {
            if (made) return made;
            throw new ArmError(404, "ResourceNotFound", "nothing yet");
        },
    };
    const model = { ...slow, list: () => [] } as unknown as ResourceModel;
    const service = armService({
        model,
        operations: operationsOn(store, model),
        token: "token",
        directory: localDirectory(certificates.keyPem, "https://localhost"),
        failsChange: () => false,
    });
    const tls = { cert: certificates.certPem, key: certificates.keyPem };
    const server = createServer(tls, httpListener(service));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const call = (method: string, body?: string) =>
        new Promise<{ status?: number; name?: string }>((resolve, reject) => {
            const headers = { Authorization: "Bearer token", "Content-Type": "application/json" };
            const options = {
                host: "localhost",
                port,
                path,
                method,
                headers,
                ca: certificates.caPem,
                agent: false,
            };
            const outgoing = request(options, async (response) =>
                resolve({ status: response.statusCode, name: JSON.parse(await text(response)).name }),
            );
            outgoing.on("error", reject);
            outgoing.end(body);
        });

    const put = call("PUT", "{}");
    await hasBegun;
    // The read reaches the server before the hub is there.
    const hasArrived = new Promise<void>((resolve) => server.once("request", () => setImmediate(resolve)));
    const read = call("GET");
    await hasArrived;
    finish();
    expect(await read).toEqual({ status: 200, name: "hub" });
    expect(await put).toEqual({ status: 201, name: "hub" });
    await new Promise((resolve) => server.close(resolve));
    await service.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
});
