import { z } from "zod";
import type { JsonObject } from "../../../base/mergePatch";
import { parseBody } from "../body";
import { HubError } from "../errors";
import { type HubData, identityKey } from "../hubData";
import type { ModuleLinks } from "../links/moduleLinks";
import { twinView } from "../views";
import { answerQuery, parseQuery } from "./twinQuery";

const queryBody = z.strictObject({ query: z.string() });
/** The service's default, and here also the most of a page. */
const largestPage = 100;

/** One page of an answer; `continuation` asks for the next one. */
export interface QueryPage {
    items: JsonObject[];
    /** `Twin` for whole twins, `Raw` for columns, as the service names them. */
    itemType: "Twin" | "Raw";
    continuation?: string;
}

/** Answers a query over the twins as the index has them, which lags behind what is stored. */
export function queryTwins(
    data: HubData,
    links: ModuleLinks,
    request: { body: unknown; maxItemCount?: string; continuation?: string },
): QueryPage {
    const query = parseQuery(parseBody(queryBody, request.body).query);
    const rows = answerQuery(query, twinDocuments(data, links, query.from));
    const from = offsetIn(request.continuation);
    const to = from + pageSize(request.maxItemCount);
    return {
        items: rows.slice(from, to),
        itemType: query.columns ? "Raw" : "Twin",
        ...(to < rows.length && { continuation: Buffer.from(String(to)).toString("base64") }),
    };
}

/** Counts of devices by their state. */
export function registryStatistics(data: HubData) {
    const devices = data.devices.entries().map(([, device]) => device);
    const enabledDeviceCount = devices.filter(({ status }) => status === "enabled").length;
    return {
        totalDeviceCount: devices.length,
        enabledDeviceCount,
        disabledDeviceCount: devices.length - enabledDeviceCount,
    };
}

/** The twins as queries see them. */
export function* twinDocuments(
    data: HubData,
    links: ModuleLinks,
    from: "devices" | "modules",
): Iterable<JsonObject> {
    const devices = new Map(data.devices.past());
    const twins = new Map(data.twins.past());
    const identities = from === "devices" ? devices.entries() : new Map(data.modules.past()).entries();
    for (const [key, identity] of identities) {
        const twin = twins.get(key);
        const device = devices.get(identity.deviceId);
        if (!twin || !device) continue;
        const module = "moduleId" in identity ? identity : undefined;
        const view = twinView(
            twin,
            device,
            module,
            links.isOpen(identityKey(device.deviceId, module?.moduleId)),
        );
        // What a view leaves undefined is not there for a query.
        yield JSON.parse(
            JSON.stringify({ ...view, ...(twin.configurations && { configurations: twin.configurations }) }),
        );
    }
}

function pageSize(text: string | undefined): number {
    if (text === undefined) return largestPage;
    if (!/^\d{1,6}$/.test(text) || Number(text) < 1) {
        throw new HubError(
            "ArgumentInvalid",
            `BadRequest: x-ms-max-item-count is '${text}', expected 1 or more`,
        );
    }
    return Math.min(Number(text), largestPage);
}

function offsetIn(continuation: string | undefined): number {
    if (continuation === undefined) return 0;
    const text = Buffer.from(continuation, "base64").toString();
    if (!/^\d{1,9}$/.test(text)) {
        throw new HubError("ArgumentInvalid", "BadRequest: x-ms-continuation is none of this hub's");
    }
    return Number(text);
}
