import { ArmError } from "../azure/armError";
import type { AzureAccount } from "../azure/azureAccount";
import { mayBeNew } from "../settling";
import { type PolicyKey, parseConnectionString } from "./connectionString";
import type { Service } from "./service";

/** Where a service is: its id in ARM, or, for one that ARM does not show us, the host name of its data plane. */
export interface Place {
    readonly id?: string;
    readonly hostName?: string;
}

/** How the services are opened; what is left out is decided by the service itself. */
export interface AccessSettings {
    /** `key` is a policy's, asked from ARM; `entra` is the identity of whoever deploys. */
    readonly hubAuth?: "key" | "entra";
    /** The hub's policy whose key is asked for. Default: the one with the fewest rights that suffice. */
    readonly hubPolicyName?: string;
    /** Connection strings by the name of their configuration, for services that one has no rights to in ARM. */
    readonly connectionStrings: Readonly<Record<string, string | undefined>>;
}

/** How a service is opened at this moment: with a policy's key, or where there is none by Entra. */
export interface ServiceAccess {
    readonly hostName: string;
    readonly policy?: PolicyKey;
    /** True where a key that is refused can be asked for anew. */
    readonly isRenewable: boolean;
    /** True where the service may have been made a moment ago, so that not all of Azure knows it yet. */
    readonly isNew: boolean;
}

interface ArmService {
    readonly systemData?: { readonly createdAt?: string };
    readonly properties?: Readonly<Record<string, unknown>>;
}

interface ListedKey {
    readonly keyName?: string;
    readonly primaryKey?: string;
    readonly rights?: string;
}

/** Finds out how a service is opened. Keys are asked from ARM each time, so that one that was rotated is no fault. */
export async function serviceAccess(
    service: Service,
    place: Place,
    account: AzureAccount,
    settings: AccessSettings,
): Promise<ServiceAccess> {
    if (place.id === undefined) return withoutArm(service, place.hostName ?? "", settings);
    const { armVersion: apiVersion } = service;
    const { properties = {}, systemData } = await account.callArm<ArmService>({
        method: "GET",
        path: place.id,
        apiVersion,
    });
    const hostName = String(properties[service.hostProperty] ?? "");
    if (hostName === "") {
        throw new Error(
            `Expected ${place.id} to tell its host name, found none. It may still be under way: repeat the command.`,
        );
    }
    const isNew = mayBeNew(systemData?.createdAt);
    const auth = settings.hubAuth ?? (properties.disableLocalAuth === true ? "entra" : "key");
    // The provisioning service has keys also where the hub is opened by Entra.
    if (service.armType === "Microsoft.Devices/IotHubs" && auth === "entra")
        return { hostName, isRenewable: false, isNew };
    const { keyName, key } = await policyKey(service, place.id, account, settings);
    return { hostName, policy: { hostName, keyName, key }, isRenewable: true, isNew };
}

/** By its host name alone, a service is opened by the connection string that names it, and otherwise by Entra. */
function withoutArm(
    service: Service,
    hostName: string,
    { connectionStrings }: AccessSettings,
): ServiceAccess {
    const { name } = service.connectionString;
    const connectionString = connectionStrings[name];
    const policy = connectionString ? parseConnectionString(connectionString, name) : undefined;
    const known = { hostName, isRenewable: false, isNew: false };
    return policy?.hostName.toLowerCase() === hostName.toLowerCase() ? { ...known, policy } : known;
}

async function policyKey(
    service: Service,
    id: string,
    account: AzureAccount,
    { hubPolicyName }: AccessSettings,
): Promise<{ keyName: string; key: string }> {
    const post = <T>(path: string) =>
        account
            .callArm<T>({ method: "POST", path: `${id}/${path}`, apiVersion: service.armVersion })
            .catch((error) => {
                throw withoutRights(error, service, id);
            });
    const named = service.keysPath === "IotHubKeys" ? hubPolicyName : undefined;
    const listed = named
        ? [await post<ListedKey>(`${service.keysPath}/${encodeURIComponent(named)}/listkeys`)]
        : ((await post<{ value?: ListedKey[] }>("listkeys")).value ?? []);
    const fit = listed.filter(({ rights = "" }) => suffices(rights, service.rights));
    const [policy] = fit.sort((a, b) => rightsOf(a.rights).length - rightsOf(b.rights).length);
    if (policy?.keyName && policy.primaryKey) return { keyName: policy.keyName, key: policy.primaryKey };
    throw new Error(
        `Expected ${id} to have a shared access policy with ${service.rights.join(" and ")}, found ` +
            `${listed.map(({ keyName, rights }) => `${keyName} (${rights})`).join("; ") || "none"}. Add one to it.`,
    );
}

function suffices(rights: string, wanted: readonly string[]): boolean {
    const given = rightsOf(rights);
    return wanted.every((right) => given.includes(right));
}

function rightsOf(rights = ""): string[] {
    return rights.split(",").map((right) => right.trim());
}

/** Somebody else's hub: one may see it, and not its keys. */
function withoutRights(error: unknown, service: Service, id: string): unknown {
    if (!(error instanceof ArmError) || error.status !== 403) return error;
    const { name, variable } = service.connectionString;
    return new ArmError(
        error.status,
        error.code,
        `${error.message} Give whoever deploys the right to list the keys of ${id}, set hubAuth to entra (role "${service.entraRole}"), ` +
            `or name the service by its host name and set ${name} (or ${variable}).`,
    );
}
