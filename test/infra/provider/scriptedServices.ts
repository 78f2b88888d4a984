import { callArm } from "../../../infra/provider/azure/armClient";
import type { AzureAccount } from "../../../infra/provider/azure/azureAccount";
import { iotedge } from "../../../infra/provider/iotedge";
import type { Properties, Provider, ResourceName } from "../../../provider-protocol/provider";
import { urnOf } from "../../support/plugin";

/** A request as a service gets it. */
export interface ServiceCall {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly ifMatch: string | null;
    readonly authorization: string;
    // biome-ignore lint/suspicious/noExplicitAny: a test reaches into bodies by the names it expects
    readonly body: any;
}

/** What a service answers; none where it hangs. */
export interface ServiceReply {
    readonly status: number;
    readonly json?: unknown;
    readonly headers?: Record<string, string>;
}

const group = "/subscriptions/s/resourceGroups/g/providers";
export const hubId = `${group}/Microsoft.Devices/IotHubs/h`;
export const provisioningServiceId = `${group}/Microsoft.Devices/provisioningServices/d`;
export const tokenId = `${group}/Microsoft.ContainerRegistry/registries/r/tokens/t`;

// Whoever imports this file has its provider wait by its clock, and sign in as its account.
jest.mock("node:timers/promises", () => ({
    setTimeout: async (ms: number) => {
        clock.ms += ms;
    },
}));
jest.mock("../../../infra/provider/azure/azureAccount", () => ({ azureAccount: () => account }));
beforeEach(() => {
    clock.ms = 0;
});
afterEach(() => jest.restoreAllMocks());

/** A clock that only waiting and hanging move, so that neither takes time. */
const clock = { ms: 0 };

/** Stands for whoever is signed in. */
const account: AzureAccount = {
    token: async () => "a-token",
    callArm: (request) => callArm("https://arm.example", async () => "a-token", request),
};

/** Answers every request of the provider by `reply`, and keeps them in the list that it answers. */
export function answerBy(reply: (call: ServiceCall) => ServiceReply | undefined): ServiceCall[] {
    const calls: ServiceCall[] = [];
    jest.spyOn(performance, "now").mockImplementation(() => clock.ms);
    jest.spyOn(globalThis, "fetch").mockImplementation(
        async (url, { method = "GET", headers, body } = {}) => {
            const { host, pathname } = new URL(String(url));
            const sent = new Headers(headers);
            const call = {
                method,
                host,
                path: pathname,
                ifMatch: sent.get("If-Match"),
                authorization: sent.get("Authorization") ?? "",
                body: typeof body === "string" ? JSON.parse(body) : undefined,
            };
            calls.push(call);
            if (calls.length > 200)
                throw new Error("Expected the provider to give up, found it asking on and on.");
            const answer = reply(call);
            if (!answer) {
                clock.ms += 60_000;
                throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
            }
            const text = answer.json === undefined ? null : JSON.stringify(answer.json);
            return new Response(text, { status: answer.status, headers: answer.headers });
        },
    );
    return calls;
}

/** The provider in this process, configured with `settings` of its own; `lines` takes what it tells whoever waits. */
export function scriptedProvider(settings: Record<string, string> = {}, lines: string[] = []): Provider {
    const provider = iotedge((_, line) => lines.push(line), {});
    const named = Object.entries(settings).map(([name, value]) => [`iotedge:config:${name}`, value]);
    provider.configure?.(Object.fromEntries(named));
    return provider;
}

export function resourceOf(type: string): ResourceName {
    return { urn: urnOf(`iotedge:index:${type}`, "it"), type: `iotedge:index:${type}`, name: "it" };
}

const keys = { primaryKey: "first", secondaryKey: "second" };
const enrolled = {
    provisioningServiceId,
    hubHostName: "h.example",
    allocationPolicy: "static",
    edge: true,
    status: "enabled",
};

/** What a stack knows of one resource of each type. */
export const stacked: Readonly<Record<string, { inputs: Properties; state: Properties }>> = {
    Device: known(
        { hubId, deviceId: "d", edge: true, status: "enabled" },
        { hubHostName: "h.example", ...keys },
    ),
    Deployment: known(
        {
            hubId,
            deviceId: "d",
            manifest: { modulesContent: { $edgeAgent: { "properties.desired": { schemaVersion: "1.1" } } } },
        },
        { hubHostName: "h.example" },
    ),
    DeploymentCheck: known(
        { hubId, deviceId: "d", moduleName: "m", image: "i", timeoutSeconds: 30, whenOffline: "fail" },
        { hubHostName: "h.example", verdict: "m runs i." },
    ),
    Enrollment: known({ ...enrolled, registrationId: "e" }, keys),
    EnrollmentGroup: known({ ...enrolled, groupId: "g" }, keys),
    RegistryTokenPassword: known({ tokenId, rotation: 1 }, { password: "p" }),
};

function known(inputs: Properties, outputs: Properties) {
    return { inputs, state: { ...inputs, ...outputs } };
}

/** What ARM says of the services, and what a hub and a provisioning service answer where all is well. */
export function well({ method, host, path }: ServiceCall): ServiceReply {
    if (host === "arm.example") return inArm(path);
    if (method === "DELETE" || path.endsWith("applyConfigurationContent")) return { status: 204 };
    if (path.endsWith("attestationmechanism")) return { status: 200, json: { symmetricKey: keys } };
    if (path.startsWith("/enrollment"))
        return { status: 200, json: { etag: '"e1"', iotHubs: ["h.example"], allocationPolicy: "static" } };
    if (path.startsWith("/devices/")) return { status: 200, json: identity };
    const modules = { m: { runtimeStatus: "running", settings: { image: "i" } } };
    const reported = { lastDesiredVersion: 1, lastDesiredStatus: { code: 200 }, modules };
    return {
        status: 200,
        json: { tags: {}, properties: { desired: { $version: 1, schemaVersion: "1.1" }, reported } },
    };
}

/** A device as the hub has it. */
export const identity = {
    deviceId: "d",
    etag: "e1",
    status: "enabled",
    statusReason: "Created by Pulumi: edge-classifier/test/it",
    capabilities: { iotEdge: true },
    authentication: { type: "sas", symmetricKey: keys },
};

function inArm(path: string): ServiceReply {
    if (path.endsWith("/listkeys"))
        return {
            status: 200,
            json: {
                value: [
                    {
                        keyName: "owner",
                        primaryKey: "a2V5",
                        rights: "RegistryWrite, ServiceConnect, EnrollmentWrite",
                    },
                ],
            },
        };
    if (path.endsWith("/generateCredentials"))
        return {
            status: 200,
            json: {
                passwords: [
                    { name: "password1", value: "new" },
                    { name: "password2", value: "newer" },
                ],
            },
        };
    if (path === tokenId)
        return { status: 200, json: { properties: { credentials: { passwords: [{ name: "password1" }] } } } };
    return {
        status: 200,
        json: { properties: { hostName: "h.example", serviceOperationsHostName: "d.example" } },
    };
}
