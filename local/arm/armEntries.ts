import type { Properties } from "./resourceType";

/**
 * The entries of a list as ARM stores them, such as a network's security rules: the name beside, the rest below
 * `properties`. The SDK has both on one level.
 */
export function toEntries(list: unknown): Properties[] {
    return ((list ?? []) as Properties[]).map(({ name, ...properties }) => ({ name, properties }));
}

/** The entries as the SDK has them. */
export function fromEntries(list: unknown): Properties[] {
    return ((list ?? []) as Properties[]).map(({ properties, ...rest }) => ({
        ...rest,
        ...(properties as Properties),
    }));
}
