import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { subscriptionId } from "../local/arm/armResource";
import { callManagement } from "../local/arm/managementCall";
import { runningLocalAzure } from "../local/background";
import type { StackFolder } from "../local/engine/stackFolder";
import { signSas } from "../local/planes/sas";
import { localStatus } from "../local/status";
import { type CommandContext, type CommonOptions, namedStack } from "./context";
import { CommandError, exitCodes } from "./exitCodes";

/** The hub of a local stack, with the key of one of its policies. */
export interface LocalHubAccess {
    /** `localhost:<port>` */
    readonly hostName: string;
    /** What an administrator connects with: it holds the key of a policy. */
    readonly connectionString: string;
    get<T>(path: string, query?: Record<string, string>): Promise<T>;
}

interface Policy {
    readonly keyName: string;
    readonly rights: string;
    readonly primaryKey: string;
}

/** The running local Azure of `--stack`; `inCloud` says what to do where that stack is one of the cloud. */
export function runningStack(context: CommandContext, options: CommonOptions, inCloud: string): StackFolder {
    let stack: StackFolder;
    try {
        stack = namedStack(context, options);
    } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        throw new CommandError(error.exitCode, `${error.message} ${inCloud}`, { cause: error });
    }
    if (runningLocalAzure(stack)) return stack;
    throw new CommandError(
        exitCodes.notFound,
        `Expected the local Azure of stack ${stack.stack} to be running, found it stopped. ` +
            `Start it with: npm run edge -- local start. ${inCloud}`,
    );
}

/** Opens the hub of a running local stack, with all the rights that a policy of it gives. */
export async function localHub(stack: StackFolder): Promise<LocalHubAccess> {
    const { hub } = await localStatus(stack.azure);
    if (!hub) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected an IoT Hub in stack ${stack.stack}, found none. Make one with: npm run edge -- local up`,
        );
    }
    const { hostName } = hub;
    const { keyName, primaryKey } = await policyOf(stack, hostName);
    const ca = readFileSync(hub.caFile);
    return {
        hostName,
        connectionString: `HostName=${hostName};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey}`,
        get(path, query = {}) {
            const expiresAt = new Date(Date.now() + 60_000);
            const authorization = signSas({
                resource: hostName,
                key: primaryKey,
                policy: keyName,
                expiresAt,
            });
            const parameters = new URLSearchParams({ ...query, "api-version": "2021-04-12" });
            return getJson(`https://${hostName}${path}?${parameters}`, ca, authorization);
        },
    };
}

/** The policy with most rights among those that may read identities and messages. */
async function policyOf(stack: StackFolder, hostName: string): Promise<Policy> {
    const hubs = await callManagement<{ value: { id: string; properties: { hostName: string } }[] }>(
        stack.azure,
        "GET",
        `/subscriptions/${subscriptionId}/providers/Microsoft.Devices/IotHubs`,
    );
    const id = hubs.value.find(({ properties }) => properties.hostName === hostName)?.id;
    const keys = id && (await callManagement<{ value: Policy[] }>(stack.azure, "POST", `${id}/listkeys`));
    const needed = ["RegistryRead", "ServiceConnect"];
    const usable = (keys ? keys.value : [])
        .filter(({ rights }) => needed.every((right) => rights.includes(right)))
        .sort((one, other) => other.rights.length - one.rights.length);
    if (usable[0]) return usable[0];
    throw new CommandError(
        exitCodes.notFound,
        `Expected a policy of the hub ${hostName} with the rights ${needed.join(" and ")}, found none: ` +
            "this hub is opened by Entra, and has no connection string.",
    );
}

async function getJson<T>(address: string, ca: Buffer, authorization: string): Promise<T> {
    const sent = request(address, { ca, agent: false, headers: { Authorization: authorization } }).end();
    const [response] = await once(sent, "response").catch((cause: Error) => {
        const { host } = new URL(address);
        throw new Error(`Expected the hub at ${host} to answer, found: ${cause.message}.`, { cause });
    });
    const answer = await text(response);
    if (response.statusCode === 200) return JSON.parse(answer) as T;
    throw new Error(`Expected the hub to answer 200, found ${response.statusCode}: ${answer}`);
}
