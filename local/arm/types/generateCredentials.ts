import { randomBytes } from "node:crypto";
import { passwordHash } from "../../planes/registry/authorization";
import { ArmError } from "../armError";
import type { ArmResource } from "../armResource";
import type { AzureContext, Properties } from "../resourceType";
import { passwordsOf, type TokenPassword, tokenType } from "./registryUsers";

const names: readonly string[] = ["password1", "password2"];

/**
 * Makes passwords of a registry's token (POST `generateCredentials`, Container Registry REST description): the one that
 * `name` says, or both. Each is answered this once; what a password of the same name opened before, it opens no longer.
 */
export function generateCredentials(
    registry: ArmResource,
    body: Properties,
    azure: AzureContext,
): Properties {
    const { tokenId, name, expiry } = body;
    const token = typeof tokenId === "string" ? azure.find(tokenId) : undefined;
    if (token?.type !== tokenType || !isWithin(token, registry)) {
        throw new ArmError(
            404,
            "TokenNotFound",
            `Expected tokenId to be the id of a token of registry ${registry.name}, found "${tokenId ?? "none"}".`,
        );
    }
    if (name !== undefined && !names.includes(String(name))) {
        throw new ArmError(
            400,
            "InvalidPasswordName",
            `Expected name to be ${names.join(" or ")}, found "${name}".`,
        );
    }
    if (expiry !== undefined && !(Date.parse(String(expiry)) > Date.now())) {
        throw new ArmError(
            400,
            "InvalidExpiry",
            `Expected expiry to be a time to come in ISO 8601, found "${expiry}".`,
        );
    }
    const creationTime = new Date().toISOString();
    const until = expiry === undefined ? {} : { expiry: new Date(String(expiry)).toISOString() };
    const made = names
        .filter((one) => name === undefined || one === name)
        .map((one) => ({
            name: one as TokenPassword["name"],
            creationTime,
            ...until,
            value: randomBytes(39).toString("base64url"),
        }));
    const hashes = Object.fromEntries(made.map(({ name, value }) => [name, passwordHash(value)]));
    azure.secrets.put(token.id, { ...azure.secrets.get(token.id), ...hashes });
    const others = passwordsOf(token).filter((password) => !made.some(({ name }) => name === password.name));
    const passwords = [...others, ...made.map(({ value, ...shown }) => shown)].sort((a, b) =>
        a.name < b.name ? -1 : 1,
    );
    azure.replace({ ...token, properties: { ...token.properties, credentials: { passwords } } });
    return { username: token.name, passwords: made };
}

function isWithin(token: ArmResource, registry: ArmResource): boolean {
    return token.id.toLowerCase().startsWith(`${registry.id.toLowerCase()}/tokens/`);
}
