import { passwordHash } from "../../planes/registry/authorization";
import { type ArmResource, isWithin } from "../armResource";
import { now } from "../provisioned";
import { demand } from "../refusals";
import type { AzureContext, Properties } from "../resourceType";
import { knownFrom, newPassword, passwordsOf, type TokenPassword, tokenType } from "./registryUsers";

const names: readonly string[] = ["password1", "password2"];

/**
 * Makes passwords of a registry's token (POST `generateCredentials`, Container Registry REST description): the one that
 * `name` says, or both. Each is answered this once, and it ends a password of the same name that there was before.
 */
export function generateCredentials(
    registry: ArmResource,
    body: Properties,
    azure: AzureContext,
): Properties {
    const { tokenId, name, expiry } = body;
    const token = typeof tokenId === "string" ? azure.find(tokenId) : undefined;
    demand(
        token?.type === tokenType && isWithin(registry.id, token.id),
        "TokenNotFound",
        `Expected tokenId to be the id of a token of registry ${registry.name}, found "${tokenId ?? "none"}".`,
        404,
    );
    demand(
        name === undefined || names.includes(String(name)),
        "InvalidPasswordName",
        `Expected name to be ${names.join(" or ")}, found "${name}".`,
    );
    demand(
        expiry === undefined || Date.parse(String(expiry)) > Date.now(),
        "InvalidExpiry",
        `Expected expiry to be a time to come in ISO 8601, found "${expiry}".`,
    );
    const creationTime = now();
    const until = expiry === undefined ? {} : { expiry: new Date(String(expiry)).toISOString() };
    const made = names
        .filter((one) => name === undefined || one === name)
        .map((one) => ({
            name: one as TokenPassword["name"],
            creationTime,
            ...until,
            value: newPassword(),
        }));
    const hashes = Object.fromEntries(made.map(({ name, value }) => [name, passwordHash(value)]));
    const before = azure.secrets.get(token.id);
    // A new password is known at once, and one that takes another's place is late.
    const late = made
        .filter(({ name }) => before?.[name] !== undefined)
        .map(({ name }) => [knownFrom(name), Date.now() + azure.delayMs("a renewed password")]);
    azure.secrets.put(token.id, { ...before, ...hashes, ...Object.fromEntries(late) });
    const others = passwordsOf(token).filter((password) => !made.some(({ name }) => name === password.name));
    const passwords = [...others, ...made.map(({ value, ...shown }) => shown)].sort((a, b) =>
        a.name < b.name ? -1 : 1,
    );
    azure.replace({ ...token, properties: { ...token.properties, credentials: { passwords } } });
    return { username: token.name, passwords: made };
}
