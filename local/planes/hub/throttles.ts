import { throttled } from "./errors";
import type { HubRoute } from "./hubRoute";
import type { HubTier } from "./settings";

/** Refuses a call that is one too many with 429 (HubError). */
export type Throttle = (route: Pick<HubRoute, "method" | "path">, body: unknown) => void;

type Operation = "identities" | "queries" | "methods" | "twinReads" | "twinUpdates" | "configurations";

/** A minute's operations at S1, S2 and S3, free hubs being as S1 (learn: "Quotas and throttling"). */
const perMinute: Record<Operation, [s1: Rate, s2: Rate, s3: Rate]> = {
    identities: [(units) => 100 * units, (units) => 100 * units, (units) => 5000 * units],
    queries: [(units) => 20 * units, (units) => 20 * units, (units) => 1000 * units],
    // 160 KB, 480 KB and 24 MB a second, in meters of 4 KB.
    methods: [(units) => 60 * 40 * units, (units) => 60 * 120 * units, (units) => 60 * 6144 * units],
    twinReads: [() => 60 * 100, (units) => 60 * Math.max(100, 10 * units), (units) => 60 * 500 * units],
    twinUpdates: [() => 60 * 50, (units) => 60 * Math.max(50, 5 * units), (units) => 60 * 250 * units],
    configurations: [(units) => 20 * units, (units) => 20 * units, (units) => 20 * units],
};

type Rate = (units: number) => number;

const meterBytes = 4096;

/** The word for each in the refusal; those for identities and configurations were seen, the others are our own. */
const operationTypes: Record<Operation, string> = {
    identities: "CRUD",
    queries: "Query",
    methods: "DirectMethod",
    twinReads: "TwinRead",
    twinUpdates: "TwinUpdate",
    configurations: "ConfigurationWrite",
};

/**
 * A throttle for each kind of operation, as a bucket that holds a minute's worth and is filled as time goes by. `tier` is
 * asked at every call, since a hub can be scaled while it runs, and nothing is too much without; `now` tells milliseconds.
 */
export function throttles(tier: () => HubTier | undefined, now: () => number): Throttle {
    const buckets = new Map<Operation, { left: number; at: number }>();
    return (route, body) => {
        const operation = operationOf(route);
        const current = tier();
        if (!operation || !current) return;
        const capacity = capacityOf(operation, current);
        const { left, at } = buckets.get(operation) ?? { left: capacity, at: now() };
        const filled = Math.min(capacity, left + ((now() - at) / 60_000) * capacity);
        const cost = operation === "methods" ? metersOf(body) : 1;
        const isTooMany = cost > filled;
        buckets.set(operation, { left: isTooMany ? filled : filled - cost, at: now() });
        if (isTooMany) throw throttled(operationTypes[operation]);
    };
}

function capacityOf(operation: Operation, { sku, units }: HubTier): number {
    const [s1, s2, s3] = perMinute[operation];
    const rate = { S2: s2, S3: s3 }[sku] ?? s1;
    return rate(units);
}

/** Own: a manifest for one device counts as a configuration; the documentation does not say. */
function operationOf({ method, path }: Pick<HubRoute, "method" | "path">): Operation | undefined {
    if (path === "/devices/query") return "queries";
    if (path.endsWith("/applyConfigurationContent") || path.startsWith("/configurations"))
        return "configurations";
    if (path.endsWith("/methods")) return "methods";
    if (path.startsWith("/twins/")) return method === "GET" ? "twinReads" : "twinUpdates";
    return path.startsWith("/devices") ? "identities" : undefined;
}

/** Only the payload counts, and an empty one as a whole meter. */
function metersOf(body: unknown): number {
    const payload = (body as { payload?: unknown } | undefined)?.payload;
    const bytes = payload === undefined ? 0 : Buffer.byteLength(JSON.stringify(payload));
    return Math.max(1, Math.ceil(bytes / meterBytes));
}
