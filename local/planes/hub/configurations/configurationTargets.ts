import type { JsonObject } from "../../../base/mergePatch";
import {
    type ConfigurationKind,
    type ConfigurationRecord,
    type ConfigurationStatus,
    type HubData,
    identityKey,
    type TwinChange,
} from "../hubData";
import { holds } from "../query/holds";
import type { DesiredChange } from "../twins/twins";
import { sectionView } from "../views";
import { applyConfigurations } from "./configurationLayers";
import { kindOf } from "./configurations";
import { readTargetCondition, type TargetCondition } from "./targetCondition";

/** What laying configurations over twins led to. */
export interface Settled {
    push: DesiredChange[];
    /** The keys of the modules that were deleted. */
    removed: string[];
}

/**
 * Keeps to every twin the configurations that target it. A changed twin is held only against the conditions that look at
 * what changed, a changed configuration only against all twins when its condition is another.
 */
export interface ConfigurationTargets {
    /** Must be called when a configuration was created or changed; its targets get it anew. */
    changed(configuration: ConfigurationRecord, before: ConfigurationRecord | undefined): void;
    removed(configuration: ConfigurationRecord): void;
    /** Lays configurations over what changed since the last call; to be called before a transaction ends. */
    settle(): Settled;
    /** Does `work`, a transaction, and forgets what it noted when it fails. */
    undoing<R>(work: () => R): R;
}

interface Summary {
    id: string;
    kind: ConfigurationKind;
    condition: TargetCondition | undefined;
}

/** `onEvaluated` hears of every condition that is held against a twin. */
export function configurationTargets(
    data: HubData,
    onEvaluated: (configurationId: string, key: string) => void = () => {},
): ConfigurationTargets {
    let known: Map<string, Summary> | undefined;
    let settled: Settled = { push: [], removed: [] };

    function summaries(): Map<string, Summary> {
        known ??= new Map(data.configurations.entries().map(([id, each]) => [id, summaryOf(each)]));
        return known;
    }

    function evaluate({ id, condition }: Summary, key: string): boolean {
        const twin = data.twins.get(key);
        if (!condition || !twin) return false;
        const [deviceId = "", moduleId] = key.split("/");
        const document: JsonObject = {
            deviceId,
            ...(moduleId !== undefined && { moduleId }),
            tags: twin.tags,
            properties: { reported: sectionView(twin.reported) },
        };
        onEvaluated(id, key);
        return holds(condition.where, document) === true;
    }

    function statuses(kind: ConfigurationKind, key: string): Record<string, ConfigurationStatus> {
        return data.twins.get(statusKey(kind, key))?.configurations ?? {};
    }

    /** The configurations of this kind that the twin was last found to be targeted by. */
    function targeting(kind: ConfigurationKind, key: string): Set<string> {
        return new Set(Object.keys(statuses(kind, key)).filter((id) => summaries().get(id)?.kind === kind));
    }

    function apply(kind: ConfigurationKind, key: string, ids: Set<string>): void {
        const before = statuses(kind, key);
        const records = [...ids].flatMap((id) => data.configurations.get(id) ?? []);
        const withdrawn = Object.entries(before)
            .filter(([id, { status }]) => status === "Applied" && summaries().get(id)?.kind === kind)
            .flatMap(([id]) => data.configurations.get(id) ?? []);
        const result = applyConfigurations(data, { kind, key }, records, withdrawn);
        settled.push.push(...result.push);
        settled.removed.push(...result.removed);
        const others = Object.entries(before).filter(([id]) => {
            const other = summaries().get(id);
            return other && other.kind !== kind;
        });
        const own = records.map(({ id }): [string, ConfigurationStatus] => [
            id,
            { status: result.applied.has(id) ? "Applied" : "Targeted" },
        ]);
        const twin = data.twins.get(statusKey(kind, key));
        if (!twin) return;
        const { configurations: _before, ...rest } = twin;
        const now = Object.fromEntries([...others, ...own]);
        data.twins.put(statusKey(kind, key), {
            ...rest,
            ...(Object.keys(now).length > 0 && { configurations: now }),
        });
    }

    /** Holds a twin against the conditions that look at what changed, and applies what targets it where that is another. */
    function reconsider(kind: ConfigurationKind, key: string, changes: Set<TwinChange>): void {
        const before = targeting(kind, key);
        const now = new Set<string>();
        for (const summary of summaries().values()) {
            if (summary.kind !== kind) continue;
            const isTarget = isTouched(summary, changes) ? evaluate(summary, key) : before.has(summary.id);
            if (isTarget) now.add(summary.id);
        }
        if (now.size !== before.size || [...now].some((id) => !before.has(id))) apply(kind, key, now);
    }

    return {
        changed(configuration, before) {
            known = undefined;
            const summary = summaryOf(configuration);
            const isSame = before?.targetCondition === configuration.targetCondition;
            for (const key of keysOf(data, summary.kind)) {
                const ids = targeting(summary.kind, key);
                const was = ids.delete(configuration.id);
                const is = isSame ? was : evaluate(summary, key);
                if (is) ids.add(configuration.id);
                if (was || is) apply(summary.kind, key, ids);
            }
        },
        removed({ id, content }) {
            known = undefined;
            const kind = kindOf(content);
            for (const key of keysOf(data, kind)) {
                if (Object.hasOwn(statuses(kind, key), id)) apply(kind, key, targeting(kind, key));
            }
        },
        settle() {
            // A deployment makes modules, which other configurations may target.
            for (const [key, changes] of data.changes) {
                data.changes.delete(key);
                for (const { kind, of } of concernedBy(data, key, changes)) reconsider(kind, of, changes);
            }
            const result = settled;
            settled = { push: [], removed: [] };
            return result;
        },
        undoing(work) {
            try {
                return work();
            } catch (error) {
                known = undefined;
                settled = { push: [], removed: [] };
                data.changes.clear();
                throw error;
            }
        },
    };
}

function summaryOf({ id, content, targetCondition }: ConfigurationRecord): Summary {
    const kind = kindOf(content);
    return { id, kind, condition: readTargetCondition(targetCondition, kind) };
}

function isTouched({ condition }: Summary, changes: Set<TwinChange>): boolean {
    if (!condition || changes.has("created")) return condition !== undefined;
    return (
        (condition.reads.tags && changes.has("tags")) || (condition.reads.reported && changes.has("reported"))
    );
}

/** Deployments look at the twin of the device, and are noted at the one of its $edgeAgent. */
function statusKey(kind: ConfigurationKind, key: string): string {
    return kind === "edge" ? identityKey(key, "$edgeAgent") : key;
}

function keysOf(data: HubData, kind: ConfigurationKind): string[] {
    if (kind === "module") return data.modules.entries().map(([key]) => key);
    const devices = data.devices
        .entries()
        .filter(([, { capabilities }]) => kind === "device" || capabilities.iotEdge);
    return devices.map(([key]) => key);
}

function concernedBy(
    data: HubData,
    key: string,
    changes: Set<TwinChange>,
): { kind: ConfigurationKind; of: string }[] {
    const [deviceId = "", moduleId] = key.split("/");
    if (moduleId !== undefined) {
        const isNewEdge = moduleId === "$edgeAgent" && changes.has("created");
        return [{ kind: "module", of: key }, ...(isNewEdge ? [{ kind: "edge" as const, of: deviceId }] : [])];
    }
    const isEdge = data.devices.get(key)?.capabilities.iotEdge === true;
    // A new edge device is met at its new $edgeAgent.
    const isMet = isEdge && !changes.has("created");
    return [{ kind: "device", of: key }, ...(isMet ? [{ kind: "edge" as const, of: key }] : [])];
}
