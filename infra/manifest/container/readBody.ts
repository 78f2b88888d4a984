import { type BodyType, containerBody, hostConfig, type Members } from "./bodyTypes";
import { nearestName } from "./nearestName";

/** A JSON object of which nothing is known yet. */
export type Loose = Readonly<Record<string, unknown>>;

/**
 * Reads createOptions as Docker does: names of members count in any letter case and come back in the API's own, null is
 * nothing. Collects a sentence for each value of another type, which Docker refuses when the container is created, on the
 * device, and for each name that it does not know, which it passes over in silence.
 */
export function readBody(options: Loose, place: string): { body: Loose; problems: string[] } {
    const problems: string[] = [];
    const read = (value: unknown, type: BodyType, at: string): unknown => {
        if (value === null || value === undefined || type === "any") return value;
        if (typeof type === "string") {
            if (!isPlain[type](value))
                problems.push(`Expected ${at} to be ${named(type, at)}, found ${kind(value, type)}.`);
            return value;
        }
        if ("list" in type) {
            if (Array.isArray(value))
                return value.map((entry, index) => read(entry, type.list, `${at}[${index}]`));
            problems.push(`Expected ${at} to be a list of ${plural(type.list)}, found ${kind(value)}.`);
            return undefined;
        }
        if (!isRecord(value)) {
            problems.push(`Expected ${at} to be an object, found ${kind(value)}.`);
            return undefined;
        }
        if ("members" in type) return readMembers(value, type, at);
        return Object.fromEntries(
            Object.entries(value).map(([key, entry]) => [key, read(entry, type.map, `${at}.${key}`)]),
        );
    };
    const readMembers = (value: Loose, { members }: Members, at: string): Loose => {
        const names = Object.keys(members);
        const found: Record<string, unknown> = {};
        for (const [key, entry] of Object.entries(value)) {
            const name = names.find((one) => one.toLowerCase() === key.toLowerCase());
            if (name === undefined) problems.push(unknownMember(key, entry, at, names, at === place));
            else if (name in found)
                problems.push(
                    `Expected ${at} to have ${name} once, found it twice. Docker takes one of them.`,
                );
            else found[name] = read(entry, members[name] ?? "any", `${at}.${name}`);
        }
        return found;
    };
    return { body: readMembers(options, containerBody, place), problems };
}

function unknownMember(
    key: string,
    value: unknown,
    at: string,
    names: readonly string[],
    isTop: boolean,
): string {
    if (isTop && /^createOptions\d*$/i.test(key))
        return `Expected ${at} to hold the members of Docker's Engine API, found createOptions inside createOptions. Docker passes over it: move what is in it one level up.`;
    const same = (name: string) => name.toLowerCase() === key.toLowerCase();
    const inHost = Object.keys(hostConfig.members).find(same);
    if (isTop && inHost !== undefined)
        return `Expected ${inHost} to stand in HostConfig, found it in ${at}. Docker passes over it.`;
    const atTop = Object.keys(containerBody.members).find(same);
    if (/\.HostConfig$/.test(at) && atTop !== undefined)
        return `Expected ${atTop} to stand in createOptions itself, found it in ${at}. Docker passes over it.`;
    if (names.length === 0) return `Expected ${at} to be an empty object, found "${key}" in it.`;
    const meant = nearestName(key, names);
    const fix = meant === undefined ? "Leave it out." : `Write ${meant}.`;
    const known = names.length <= 6 ? names.join(", ") : "members of Docker's Engine API";
    return `Expected ${at} to have ${known}, found "${key}"${isRecord(value) ? ", an object" : ""}. Docker passes over it. ${fix}`;
}

const isPlain = {
    text: (value: unknown) => typeof value === "string",
    number: (value: unknown) => Number.isInteger(value),
    flag: (value: unknown) => typeof value === "boolean",
};

function named(type: "text" | "number" | "flag", at: string): string {
    if (type === "flag") return "true or false";
    if (type === "text") return /\.HostPort$/.test(at) ? 'a number in a text such as "8080"' : "a text";
    return /\.Memory(Reservation|Swap)?$/.test(at) ? "a whole number of bytes" : "a whole number";
}

function plural(type: BodyType): string {
    if (type === "text") return "texts";
    if (type === "number") return "whole numbers";
    return typeof type === "object" && "list" in type ? `lists of ${plural(type.list)}` : "objects";
}

export function isRecord(value: unknown): value is Loose {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under a name; one without members where there is none. */
export function recordIn(value: Loose, name: string): Loose {
    const found = value[name];
    return isRecord(found) ? found : {};
}

/** A found value in words. A text is shown only where a number was expected: one in Env, for example, may be secret. */
export function kind(value: unknown, expected?: "text" | "number" | "flag"): string {
    if (value === undefined || value === null) return "none";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "string") return expected === "number" ? `"${value.slice(0, 40)}"` : "a text";
    return typeof value === "object" ? "an object" : `the ${typeof value} ${value}`;
}
