import type { AccessToken, TokenCredential } from "@azure/identity";
import { callArm } from "./armClient";
import type { ArmRequest } from "./armRequest";
import { azureCliAccount, azureCliCloud } from "./azureCli";
import { type AzureCloud, configuredCloud, publicCloud } from "./azureCloud";
import { type AzureSettings, howToSet } from "./azureSettings";
import { azureCli, signInMethod } from "./signInMethod";

/** Who deploys, where to, and how that is proven. */
export interface AzureIdentity {
    /** As it stands in a sentence after "by". */
    readonly method: string;
    readonly subscriptionId: string;
    /** Undefined where only a token would tell. */
    readonly tenantId: string | undefined;
    readonly cloud: AzureCloud;
}

/** Whoever deploys, in one cloud. Nothing is asked before the first call. */
export interface AzureAccount {
    /**
     * Carries out a request at Azure Resource Manager and answers the parsed body; waits for what ARM does in the
     * background, and repeats what may pass by itself. Throws an `ArmError` for a refusal.
     */
    callArm<T>(request: ArmRequest): Promise<T>;
    /** A token of Entra for a resource such as `https://iothubs.azure.net`. Throws a sentence where there is none. */
    token(resource: string): Promise<string>;
}

/** An account that also says whose it is. */
export interface DeployingAccount extends AzureAccount {
    /**
     * The account that azure-native has by the same settings, shown to be good by a token for Azure Resource Manager.
     * Throws a sentence where there is none, or no subscription: only the Azure CLI knows one by itself.
     */
    identity(): Promise<AzureIdentity>;
}

/** A token with less time left than this is not handed out again, in milliseconds. */
const leastRemainingMs = 300_000;

/** The account that the settings describe. It remembers its cloud and its tokens; a failure is not remembered. */
export function azureAccount(settings: AzureSettings): DeployingAccount {
    const method = signInMethod(settings);
    const cliAccount = once(() => azureCliAccount(settings.subscriptionId));
    const cloud = once(async () => {
        const configured = await configuredCloud(settings);
        if (method === azureCli) return azureCliCloud(await cliAccount(), configured);
        return configured ?? publicCloud;
    });
    const credential = once(async () => method.credential(settings, await cloud()));
    const tokens = new Map<string, Promise<AccessToken>>();

    async function token(resource: string): Promise<string> {
        const known = await tokens.get(resource);
        if (known && known.expiresOnTimestamp - Date.now() > leastRemainingMs) return known.token;
        const asked = newToken(resource);
        tokens.set(resource, asked);
        try {
            return (await asked).token;
        } catch (error) {
            tokens.delete(resource);
            throw error;
        }
    }

    async function newToken(resource: string): Promise<AccessToken> {
        const { authorityHost } = await cloud();
        const signIn: TokenCredential = await credential();
        const found = await signIn.getToken(`${resource}/.default`).catch((cause: unknown) => {
            throw new Error(
                `Expected a token of ${authorityHost} for ${resource} by ${method.title}, found: ${reasonOf(cause, settings)} ` +
                    method.advice,
                { cause },
            );
        });
        if (found) return found;
        throw new Error(
            `Expected a token of ${authorityHost} for ${resource} by ${method.title}, found none. ${method.advice}`,
        );
    }

    async function identity(): Promise<AzureIdentity> {
        const known = method === azureCli ? await cliAccount() : settings;
        const { subscriptionId, tenantId } = known;
        if (!subscriptionId)
            throw new Error(
                `Expected subscriptionId, to deploy by ${method.title}, found none. ${howToSet("subscriptionId")}`,
            );
        const found = await cloud();
        await token(found.audience);
        return { method: method.title, subscriptionId, tenantId, cloud: found };
    }

    return {
        token,
        identity,
        callArm: async (request) => {
            const { resourceManager, audience } = await cloud();
            return callArm(resourceManager, () => token(audience), request);
        },
    };
}

/** Does something once for all who ask, and anew after it failed. */
function once<T>(act: () => Promise<T>): () => Promise<T> {
    let result: Promise<T> | undefined;
    return () => {
        result ??= act().catch((error) => {
            result = undefined;
            throw error;
        });
        return result;
    };
}

/**
 * What is worth reading of a failed sign-in: Entra's refusal where it came to one; otherwise, of all the ways of the
 * default chain that were not open, the one that most people take.
 */
function reasonOf(error: unknown, { tenantId }: AzureSettings): string {
    const tried = (error as { errors?: Error[] }).errors ?? [];
    const telling =
        tried.find(({ name }) => name !== "CredentialUnavailableError") ??
        tried.find(({ message }) => message.includes("Azure CLI")) ??
        error;
    const message = telling instanceof Error ? telling.message : String(telling);
    // The library's words for Entra's refusal to describe the tenant (AADSTS90002), and for no answer.
    if (message.startsWith("endpoints_resolution_error"))
        return `no tenant "${tenantId}" there, or no answer. ${howToSet("tenantId")}`;
    const [line = ""] = /AADSTS\d+: .+?(?= - |$)/m.exec(message) ?? message.split("\n");
    return /[.!?]$/.test(line) ? line : `${line}.`;
}
