import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificates, localCertificates } from "../../../../local/base/certificates";
import { openStore, type Store } from "../../../../local/base/store";
import { type HubSurroundings, hubPlane, type LocalHub } from "../../../../local/planes/hub/plane";
import type { HubSettings } from "../../../../local/planes/hub/settings";
import { signSas } from "../../../../local/planes/sas";
import { servePlane } from "../../../../local/planes/servePlane";
import { freePort } from "../../../support/freePort";
import { swaggerCheck } from "./swagger";

export interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
    body: any;
}

export interface Call {
    body?: unknown;
    /** Sent as it is, instead of `body` as JSON. */
    rawBody?: string;
    ifMatch?: string;
    apiVersion?: string | null;
    authorization?: string | null;
    headers?: Record<string, string>;
}

/** A hub on a free port with a client; each successful answer is checked against the Swagger. */
export interface TestHub {
    hub: LocalHub;
    store: Store;
    /** A folder that is removed with the hub. */
    folder: string;
    certificates: Certificates;
    description: HubSettings & { readonly port: number };
    /** What the hub runs on, for a second one over the same store. */
    host: { store: Store; folder: string; certificates: Certificates };
    call(method: string, path: string, options?: Call): Promise<Answer>;
    stop(): Promise<void>;
    start(): Promise<void>;
    restart(): Promise<void>;
    close(): Promise<void>;
}

export const newKey = () => randomBytes(32).toString("base64");
export const inAnHour = () => new Date(Date.now() + 3_600_000);

export async function startTestHub(
    changes: Partial<HubSettings> &
        Pick<HubSurroundings, "queryLag" | "now" | "delayMs" | "bearerRights"> = {},
): Promise<TestHub> {
    const folder = mkdtempSync(join(tmpdir(), "hub-"));
    const store = openStore(folder);
    const certificates = await localCertificates(store);
    const port = await freePort();
    const { queryLag, now, delayMs, bearerRights, ...changed } = changes;
    const description = {
        id: "/hub1",
        name: "hub1",
        hostName: `localhost:${port}`,
        port,
        policies: [
            policy("deployer", "RegistryRead, RegistryWrite, ServiceConnect"),
            policy("registryReader", "RegistryRead"),
            policy("service", "ServiceConnect"),
            policy("owner", "RegistryWrite, ServiceConnect, DeviceConnect"),
        ],
        ...changed,
    };
    const host = { store, folder, certificates };
    const serve = () => servePlane(hubPlane({ queryLag, now, delayMs, bearerRights }), description, host);
    const check = swaggerCheck();
    const test: TestHub = {
        hub: await serve(),
        store,
        folder,
        certificates,
        description,
        host,
        async call(method, path, options = {}) {
            const answer = await send(test, method, path, options);
            // What is the local hub's own has no place in the Swagger.
            if (answer.status < 300 && !path.startsWith("/messages/"))
                check(method, swaggerRoute(path), answer.status, answer.body);
            return answer;
        },
        stop: () => test.hub.close(),
        async start() {
            test.hub = await serve();
        },
        async restart() {
            await test.stop();
            await test.start();
        },
        async close() {
            await test.hub.close();
            await store.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    return test;
}

/** A token of one of the hub's policies. */
export function policyToken(test: TestHub, keyName = "deployer"): string {
    const found = test.description.policies.find((each) => each.keyName === keyName);
    return signSas({
        resource: test.description.hostName,
        key: found?.primaryKey ?? newKey(),
        policy: keyName,
        expiresAt: inAnHour(),
    });
}

function policy(keyName: string, rights: string) {
    return { keyName, rights, primaryKey: newKey(), secondaryKey: newKey() };
}

function send(test: TestHub, method: string, path: string, options: Call): Promise<Answer> {
    const { apiVersion = "2021-04-12", authorization = policyToken(test), ifMatch } = options;
    const query = apiVersion === null ? "" : `${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`;
    const payload =
        options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    return new Promise((resolve, reject) => {
        const sent = request(
            {
                host: "localhost",
                port: test.description.port,
                ca: test.certificates.caPem,
                method,
                path: path + query,
                agent: false,
                headers: {
                    ...options.headers,
                    ...(authorization !== null && { Authorization: authorization }),
                    ...(ifMatch !== undefined && { "If-Match": ifMatch }),
                    ...(payload !== undefined && { "Content-Type": "application/json" }),
                },
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString();
                    resolve({
                        status: response.statusCode ?? 0,
                        headers: response.headers,
                        body: text === "" ? undefined : JSON.parse(text),
                    });
                });
            },
        );
        sent.on("error", reject);
        sent.end(payload);
    });
}

/** The Swagger's name of a path: `/devices/a/modules/b` is `/devices/{id}/modules/{mid}`. */
function swaggerRoute(path: string): string {
    const [, root, device, below, module, belowModule] = path.replace(/\?.*/, "").split("/");
    if (["query", "devices", "service", "testQueries"].includes(device ?? "")) return `/${root}/${device}`;
    if (below === "methods") return "/twins/{deviceId}/methods";
    if (belowModule === "methods") return "/twins/{deviceId}/modules/{moduleId}/methods";
    return [
        "",
        root,
        ...(device ? ["{id}"] : []),
        ...(below ? [below] : []),
        ...(module ? ["{mid}"] : []),
    ].join("/");
}
