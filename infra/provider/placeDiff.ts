import { type Properties, unknownValue } from "../../provider-protocol/provider";
import type { ResourceSchema } from "./resourceSchema";
import type { OpenService } from "./service/serviceClient";

/**
 * Which of the properties that name a resource's service now name another one, so that the resource is another, too.
 * `before` are the old inputs as they are to be compared: ids of Azure that differ in letter case are the same. A service
 * that is named by its id where it was named by its host name (or the other way round) may be the same one.
 */
export async function placeDiff(
    { place }: ResourceSchema,
    olds: Properties,
    news: Properties,
    state: Properties,
    open: OpenService,
): Promise<{ before: Properties; moved: string[] }> {
    if (!place) return { before: olds, moved: [] };
    const { id, hostName, service } = place;
    const before = { ...olds };
    for (const name of [id, hostName]) if (isSame(olds[name], news[name])) before[name] = news[name];
    const changed = [id, hostName].filter((name) => before[name] !== news[name]);
    if (changed.length < 2) return { before, moved: changed };
    if (changed.some((name) => news[name] === unknownValue)) return { before, moved: changed };
    const found =
        news[hostName] ?? (await open(service, { id: String(news[id]) }).then((client) => client.hostName));
    return { before, moved: isSame(state[hostName], found) ? [] : changed };
}

function isSame(before: unknown, after: unknown): boolean {
    return (
        typeof before === "string" &&
        typeof after === "string" &&
        before.toLowerCase() === after.toLowerCase()
    );
}
