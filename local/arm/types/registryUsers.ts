import { randomBytes } from "node:crypto";
import { passwordHash, type RegistryUser } from "../../planes/registry/authorization";
import { type ArmResource, isWithin } from "../armResource";
import { now } from "../provisioned";
import type { AzureContext } from "../resourceType";

/** A password as a token's resource shows it: never its value. */
export interface TokenPassword {
    readonly name: "password1" | "password2";
    readonly creationTime: string;
    readonly expiry?: string;
}

/** ARM types of what lies within a registry. */
export const scopeMapType = "Microsoft.ContainerRegistry/registries/scopeMaps";
export const tokenType = "Microsoft.ContainerRegistry/registries/tokens";

/** Whom a registry lets in right now: its admin account while that is enabled, and its enabled tokens. */
export function registryUsers(registryId: string, azure: AzureContext): RegistryUser[] {
    const registry = azure.find(registryId);
    if (!registry) return [];
    const tokens = azure.resourcesOfType(tokenType).filter(({ id }) => isWithin(registryId, id));
    return [
        ...(registry.properties.adminUserEnabled === true
            ? [{ name: registry.name, passwordHashes: adminPasswords(registry, azure).map(passwordHash) }]
            : []),
        ...tokens
            .filter(({ properties }) => properties.status === "enabled")
            .map((token) => user(token, azure)),
    ];
}

function user(token: ArmResource, azure: AzureContext): RegistryUser {
    const hashes = azure.secrets.get(token.id) ?? {};
    return {
        name: token.name,
        passwordHashes: passwordsOf(token)
            .filter(({ expiry }) => expiry === undefined || expiry > now())
            .filter(({ name }) => Number(hashes[knownFrom(name)] ?? 0) <= Date.now())
            .map(({ name }) => String(hashes[name])),
        actions: (azure.find(String(token.properties.scopeMapId))?.properties.actions ?? []) as string[],
    };
}

/** The passwords of a registry's admin account. */
export function adminPasswords({ id }: ArmResource, azure: AzureContext): string[] {
    return (azure.secrets.get(id)?.passwords ?? []) as string[];
}

/** A password as a registry makes it, for its admin account and for tokens. */
export function newPassword(): string {
    return randomBytes(39).toString("base64url");
}

/** Where a token's secrets say since when one of its passwords is known, in milliseconds since 1970. */
export function knownFrom(name: TokenPassword["name"]): string {
    return `${name} is known from`;
}

/** The passwords that a token has. */
export function passwordsOf(token: ArmResource | undefined): TokenPassword[] {
    const credentials = token?.properties.credentials as { passwords?: TokenPassword[] } | undefined;
    return credentials?.passwords ?? [];
}
