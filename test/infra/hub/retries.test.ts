import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCertificates } from "../../../local/base/certificates";
import { openStore } from "../../../local/base/store";
import { callHubPackage } from "../../support/hubPackage";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const identity = {
    deviceId: "d",
    etag: "e",
    capabilities: { iotEdge: true },
    authentication: { symmetricKey: { primaryKey: "a-device-key" } },
};

let folder: string;
let server: Server;
let script: Answer[];
let asked: number;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "retries-"));
    const store = openStore(join(folder, "store"));
    const { caPem, certPem, keyPem } = await localCertificates(store);
    await store.close();
    writeFileSync(join(folder, "ca.pem"), caPem);
    server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
        asked++;
        const answer = script.shift() ?? ((_, rest) => rest.end(JSON.stringify(identity)));
        answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
});

const status =
    (code: number): Answer =>
    (_, response) => {
        response.writeHead(code, { "iothub-errorcode": "Scripted" });
        response.end();
    };
const reset: Answer = (request) => request.socket.destroy();

async function read(answers: Answer[]) {
    script = answers;
    asked = 0;
    const { port } = server.address() as AddressInfo;
    const hubConnectionString = `HostName=localhost:${port};SharedAccessKeyName=p;SharedAccessKey=aGVsbG8=`;
    const called = await callHubPackage(join(folder, "ca.pem"), "edgeDevice", "read", "d", {
        hubConnectionString,
        deviceId: "d",
        owner: "o",
    });
    return { ...called, asked };
}

describe("a call to a hub that is in trouble", () => {
    test.each([
        ["throttles", [status(429), status(429)]],
        ["has a fault of its own", [status(503)]],
        ["breaks the connection", [reset]],
    ])("is repeated with pauses when the hub %s", async (_, answers) => {
        const attempts = answers.length + 1;
        expect(await read(answers)).toMatchObject({ value: { id: "d" }, asked: attempts });
    });

    test("is not repeated when the hub refuses it", async () => {
        const { error, asked: attempts } = await read([status(403)]);
        expect(error).toMatch(/found 403 Scripted/);
        expect(attempts).toBe(1);
    });
});
