import { createHash, timingSafeEqual } from "node:crypto";
import { RegistryError } from "./errors";

/** An account of a registry. */
export interface RegistryUser {
    readonly name: string;
    /** {@link passwordHash} of each password that lets it in. */
    readonly passwordHashes: readonly string[];
    /** What it may do, such as `repositories/app/content/read`; the admin account, which may do everything, has none. */
    readonly actions?: readonly string[];
}

/** What a request needs of the repository it names (learn: "Token-based repository permissions", actions). */
export type RepositoryRight = "content/read" | "content/write" | "content/delete" | "metadata/read";

/** What is kept of a password: enough to know it again, and, as it is random, not enough to guess it. */
export function passwordHash(password: string): string {
    return createHash("sha256").update(password).digest("hex");
}

/** The account that a request's user name and password belong to; refuses with 401 where there is none. */
export function authenticate(
    authorization: string | undefined,
    users: readonly RegistryUser[],
    loginServer: string,
): RegistryUser {
    const [, encoded] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
    const given = Buffer.from(encoded ?? "", "base64").toString("utf8");
    const colon = given.indexOf(":");
    const hash = passwordHash(given.slice(colon + 1));
    const user = users.find(({ name }) => name === given.slice(0, Math.max(0, colon)));
    if (user?.passwordHashes.some((known) => isSame(hash, known))) return user;
    throw new RegistryError("UNAUTHORIZED", `${loginServer} wants a user name and password that it knows`, {
        "WWW-Authenticate": `Basic realm="${loginServer}"`,
    });
}

/** Whether an account may do this in a repository. A `*` at the end of an action's name stands for any rest. */
export function may({ actions }: RegistryUser, repository: string, right: RepositoryRight): boolean {
    if (!actions) return true;
    return actions.some((action) => {
        const [, name, granted] = /^repositories\/(.+)\/((?:content|metadata)\/\w+)$/.exec(action) ?? [];
        if (name === undefined || granted !== right) return false;
        return name.endsWith("*") ? repository.startsWith(name.slice(0, -1)) : repository === name;
    });
}

/** The refusal of an account that is known and may not do what it asks. */
export function denied(what: string): RegistryError {
    return new RegistryError("DENIED", `requested access to the resource is denied: ${what}`);
}

/** Compares in the same time whatever is given. */
function isSame(given: string, expected: string): boolean {
    return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
