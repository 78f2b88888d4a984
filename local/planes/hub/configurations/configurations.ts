import { z } from "zod";
import { parseBody } from "../body";
import { HubError } from "../errors";
import { checkIfMatch, identityEtag } from "../etag";
import type {
    ConfigurationContent,
    ConfigurationKind,
    ConfigurationRecord,
    HubData,
    Sections,
} from "../hubData";
import { parseQuery } from "../query/twinQuery";
import { checkTwinSection } from "../twins/twinLimits";
import { desiredFrom, invalid, sections, wantedModules } from "./configurationContent";
import { readTargetCondition, refusingAs } from "./targetCondition";

/** The most metrics that a configuration may have (learn: iot-hub-automatic-device-management). */
const mostMetrics = 5;
/** The most configurations that a standard hub keeps (learn: quotas and throttling). */
const mostConfigurations = 100;
const id = /^[a-z0-9\-+%_*!']{1,128}$/;
const label = /^[A-Za-z0-9\-:.+%_#*?!(),=@;']{1,128}$/;

const content = z.strictObject({
    deviceContent: sections.nullish(),
    moduleContent: sections.nullish(),
    modulesContent: z.record(z.string(), sections).nullish(),
});

// All properties of the Swagger's Configuration: a client may send back what the hub computes; that is passed over.
const configurationBody = z.strictObject({
    id: z.string().nullish(),
    schemaVersion: z.string().nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
    content: z.unknown().optional(),
    targetCondition: z.string().nullish(),
    priority: z
        .int()
        .min(0)
        .max(2 ** 31 - 1)
        .nullish(),
    metrics: z
        .strictObject({
            queries: z.record(z.string(), z.string()).nullish(),
            results: z.unknown().optional(),
        })
        .nullish(),
    systemMetrics: z.unknown().optional(),
    createdTimeUtc: z.string().nullish(),
    lastUpdatedTimeUtc: z.string().nullish(),
    etag: z.string().nullish(),
});

export function getConfiguration(data: HubData, configurationId: string): ConfigurationRecord {
    const found = data.configurations.get(configurationId);
    if (!found) throw new HubError("ConfigurationNotFound", configurationId);
    return found;
}

/**
 * Writes a configuration as PUT does: without If-Match it only creates, with it it only replaces. An update states
 * everything; the content in it is checked and passed over, because content cannot change (measured).
 */
export function putConfiguration(
    data: HubData,
    configurationId: string,
    request: { body: unknown; ifMatch?: string },
): ConfigurationRecord {
    if (!id.test(configurationId)) {
        throw argumentInvalid(
            `The configuration id '${configurationId}' is not made of 1 to 128 lower-case letters, digits and - + % _ * ! '`,
        );
    }
    const body = parseBody(configurationBody, request.body);
    if (body.id != null && body.id !== configurationId) {
        throw argumentInvalid(
            `The body is of configuration '${body.id}', the address of '${configurationId}'`,
        );
    }
    const existing = existingFor(data, configurationId, request.ifMatch);
    const written = contentFrom(body.content);
    const settings = {
        ...(body.schemaVersion != null && { schemaVersion: body.schemaVersion }),
        ...(body.labels && { labels: checkedLabels(body.labels) }),
        content: existing?.content ?? written,
        targetCondition: body.targetCondition ?? "",
        priority: body.priority ?? 0,
        metrics: body.metrics?.queries ?? {},
    };
    readTargetCondition(settings.targetCondition, kindOf(settings.content));
    checkMetrics(settings.metrics);
    const now = new Date().toISOString();
    const configuration: ConfigurationRecord = {
        id: configurationId,
        ...settings,
        createdTimeUtc: existing?.createdTimeUtc ?? now,
        lastUpdatedTimeUtc: now,
        revision: (existing?.revision ?? 0) + 1,
    };
    data.configurations.put(configurationId, configuration);
    return configuration;
}

/** Deletes a configuration; here the service asks for no If-Match (measured). */
export function deleteConfiguration(data: HubData, configurationId: string, ifMatch?: string): void {
    const existing = getConfiguration(data, configurationId);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, identityEtag(existing.revision));
    data.configurations.remove(configurationId);
}

const queriesBody = z.strictObject({
    targetCondition: z.string().nullish(),
    customMetricQueries: z.record(z.string(), z.string()).nullish(),
});

/** Says what is wrong with a target condition and with queries; `*` is wrong here, though PUT takes it (measured). */
export function testQueries(requestBody: unknown) {
    const { targetCondition, customMetricQueries } = parseBody(queriesBody, requestBody);
    const queryErrors = Object.entries(customMetricQueries ?? {}).map(([name, query]) => [
        name,
        faultOf(() => parseQuery(query)),
    ]);
    return {
        targetConditionError: faultOf(() => {
            if (targetCondition == null) return;
            if (targetCondition.trim() === "*") throw argumentInvalid("'*' is no condition to test");
            const isOfModules = /^\s*from\b/i.test(targetCondition);
            readTargetCondition(targetCondition, isOfModules ? "module" : "device");
        }),
        customMetricQueryErrors: Object.fromEntries(queryErrors.filter(([, fault]) => fault !== undefined)),
    };
}

/** What the content of a configuration is laid over. */
export function kindOf({ deviceContent, moduleContent }: ConfigurationContent): ConfigurationKind {
    return deviceContent ? "device" : moduleContent ? "module" : "edge";
}

function existingFor(
    data: HubData,
    configurationId: string,
    ifMatch?: string,
): ConfigurationRecord | undefined {
    const existing = data.configurations.get(configurationId);
    // The service passes over an ETag without quotes, unlike those of identities (measured).
    if (ifMatch !== undefined && /^\s*(\*|(W\/)?".*")\s*$/.test(ifMatch)) {
        if (!existing) throw new HubError("ConfigurationNotFound", configurationId);
        checkIfMatch(ifMatch, identityEtag(existing.revision));
        return existing;
    }
    if (existing) throw new HubError("ConfigurationAlreadyExists", configurationId);
    if (data.configurations.entries().length >= mostConfigurations) {
        throw new HubError(
            "ConfigurationCountLimitExceeded",
            `This hub takes ${mostConfigurations} configurations`,
        );
    }
    return undefined;
}

function contentFrom(given: unknown): ConfigurationContent {
    if (given == null) throw invalid("content is missing");
    const stated = Object.entries(parseBody(content, given, "InvalidConfigurationContent")).filter(
        ([, value]) => value != null,
    );
    if (stated.length !== 1) {
        throw invalid("expected exactly one of deviceContent, moduleContent and modulesContent");
    }
    const found: ConfigurationContent = Object.fromEntries(stated);
    if (!found.modulesContent) {
        checkSections("the content", found.deviceContent ?? found.moduleContent ?? {});
        return found;
    }
    if (!found.modulesContent.$edgeAgent) throw invalid("modulesContent holds no $edgeAgent");
    const desiredOf = new Map(
        Object.entries(found.modulesContent).map(([name, each]) => [name, checkSections(name, each)]),
    );
    refusingAs("InvalidConfigurationContent", () => wantedModules(desiredOf));
    return found;
}

/** Refuses what no twin could hold, whatever it holds already; returns what an empty one would become. */
function checkSections(name: string, given: Sections) {
    const desired = desiredFrom(name, given, {});
    refusingAs("InvalidConfigurationContent", () => checkTwinSection("desired", desired));
    return desired;
}

function checkedLabels(labels: Record<string, string>): Record<string, string> {
    for (const [key, value] of Object.entries(labels)) {
        if (label.test(key) && label.test(value)) continue;
        throw argumentInvalid(
            `The label '${key}': '${value}' is not made of 1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; '`,
        );
    }
    return labels;
}

function checkMetrics(metrics: Record<string, string>): void {
    const count = Object.keys(metrics).length;
    if (count > mostMetrics) {
        throw new HubError(
            "InvalidConfigurationCustomMetricsQuery",
            `BadRequest: ${count} custom metrics are more than ${mostMetrics}`,
        );
    }
    for (const query of Object.values(metrics)) {
        refusingAs("InvalidConfigurationCustomMetricsQuery", () => parseQuery(query));
    }
}

function faultOf(work: () => unknown): string | undefined {
    try {
        work();
        return undefined;
    } catch (error) {
        if (error instanceof HubError) return error.message;
        throw error;
    }
}

function argumentInvalid(message: string): HubError {
    return new HubError("ArgumentInvalid", `BadRequest: ${message}`);
}
