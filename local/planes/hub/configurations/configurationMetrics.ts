import type { JsonObject } from "../../../base/mergePatch";
import { identityEtag } from "../etag";
import type { ConfigurationRecord, HubData } from "../hubData";
import type { ModuleLinks } from "../links/moduleLinks";
import { twinDocuments } from "../query/queries";
import { answerQuery, parseQuery } from "../query/twinQuery";
import { kindOf } from "./configurations";
import { readTargetCondition } from "./targetCondition";

/** What the hub answers about configurations: the Swagger's shape, with the metrics as the query index has them now. */
export function configurationViews(data: HubData, links: ModuleLinks, records: ConfigurationRecord[]) {
    const documents = new Map<string, JsonObject[]>();
    const twins = (from: "devices" | "modules") => {
        const found = documents.get(from) ?? [...twinDocuments(data, links, from)];
        documents.set(from, found);
        return found;
    };
    const count = (text: string) => {
        if (text === "") return 0;
        const query = parseQuery(text);
        return answerQuery(query, twins(query.from)).length;
    };
    const metrics = (queries: Record<string, string>) => ({
        results: Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, count(query)])),
        queries,
    });
    return records.map((record) => ({
        id: record.id,
        schemaVersion: record.schemaVersion,
        labels: record.labels,
        content: record.content,
        targetCondition: record.targetCondition,
        createdTimeUtc: record.createdTimeUtc,
        lastUpdatedTimeUtc: record.lastUpdatedTimeUtc,
        priority: record.priority,
        systemMetrics: metrics(systemQueries(record)),
        metrics: metrics(record.metrics),
        etag: identityEtag(record.revision),
    }));
}

/** The queries that the service itself puts there. */
function systemQueries(record: ConfigurationRecord): Record<string, string> {
    const kind = kindOf(record.content);
    const isApplied = `configurations.[[${record.id}]].status = 'Applied'`;
    if (kind !== "edge") {
        const select =
            kind === "device"
                ? "select deviceId from devices"
                : "select deviceId, moduleId from devices.modules";
        return { targetedCount: targeted(record), appliedCount: `${select} where ${isApplied}` };
    }
    const applied = `select deviceId from devices.modules where moduleId = '$edgeAgent' and ${isApplied}`;
    const reported = `${applied} and properties.desired.$version = properties.reported.lastDesiredVersion`;
    return {
        targetedCount: targeted(record),
        appliedCount: applied,
        reportedSuccessfulCount: `${reported} and properties.reported.lastDesiredStatus.code = 200`,
        reportedFailedCount: `${reported} and properties.reported.lastDesiredStatus.code != 200`,
    };
}

function targeted({ content, targetCondition }: ConfigurationRecord): string {
    const kind = kindOf(content);
    const condition = readTargetCondition(targetCondition, kind);
    if (!condition) return "";
    if (kind === "module") return `select deviceId, moduleId ${targetCondition}`;
    const isAll = condition.where.kind === "all";
    if (kind === "device") return `select deviceId from devices${isAll ? "" : ` where ${targetCondition}`}`;
    const text = condition.where.kind === "or" ? `(${targetCondition})` : targetCondition;
    return `select deviceId from devices where capabilities.iotEdge = true${isAll ? "" : ` and ${text}`}`;
}
