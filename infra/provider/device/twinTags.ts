import { isDeepStrictEqual } from "node:util";
import type { CheckFailure } from "../../../provider-protocol/provider";
import { twinProblems } from "../../manifest/twinProblems";
import type { ServiceClient } from "../service/serviceClient";

/** Tags of a device's twin, any JSON but lists. */
export type Tags = Readonly<Record<string, unknown>>;

/** A twin's tags have at most so many bytes (learn: iot-hub-devguide-device-twins). */
const largestTags = 8 * 1024;

/** Where the property `tags` breaks the limits of a twin's tags. */
export function tagFailures(tags: Tags = {}): CheckFailure[] {
    return twinProblems(tags, "tags", largestTags).map((reason) => ({ property: "tags", reason }));
}

/**
 * The merge patch that turns tags of ours into other ones: what is gone becomes null, at any depth, and tags that others
 * have set are not named.
 */
export function tagPatch(before: Tags, after: Tags): Record<string, unknown> {
    const patch: Record<string, unknown> = {};
    for (const name of Object.keys(before)) if (!(name in after)) patch[name] = null;
    for (const [name, value] of Object.entries(after)) {
        const old = before[name];
        if (isDeepStrictEqual(old, value)) continue;
        patch[name] = isObject(old) && isObject(value) ? tagPatch(old, value) : value;
    }
    return patch;
}

/** Writes the difference between two sets of tags to the twin; nothing when there is none. */
export async function writeTags(
    hub: ServiceClient,
    deviceId: string,
    before: Tags,
    after: Tags,
): Promise<void> {
    const tags = tagPatch(before, after);
    if (Object.keys(tags).length === 0) return;
    await hub.call({ method: "PATCH", path: twinPath(deviceId), body: { tags } });
}

/** What the twin has of the tags that are ours; all that it has where nobody has said which those are. */
export async function readTags(hub: ServiceClient, deviceId: string, ours?: Tags): Promise<Tags> {
    const { tags = {} } = await hub.call<{ tags?: Tags }>({ method: "GET", path: twinPath(deviceId) });
    return ours ? within(tags, ours) : tags;
}

/** What is found at the places that ours has, at any depth; others may have tags beside them. */
function within(found: Tags, ours: Tags): Tags {
    const shared = Object.entries(found).filter(([name]) => name in ours);
    return Object.fromEntries(
        shared.map(([name, value]) => {
            const mine = ours[name];
            return [name, isObject(value) && isObject(mine) ? within(value, mine) : value];
        }),
    );
}

function twinPath(deviceId: string): string {
    return `/twins/${encodeURIComponent(deviceId)}`;
}

function isObject(value: unknown): value is Tags {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
