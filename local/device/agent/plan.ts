import { isDeepStrictEqual } from "node:util";
import type { DesiredModule } from "../modules/desiredModule";
import type { ModuleRecord } from "../modules/moduleRecords";
import { coolOff, intensiveCareTime } from "../modules/restartPolicy";

/** One thing to do about one module. */
export type Step =
    | { kind: "remove"; name: string }
    /** Pull the image and make the module anew; one that exists runs until the image is there. */
    | { kind: "create"; module: DesiredModule }
    | { kind: "start" | "restart" | "stop" | "forgetRestarts"; name: string };

export interface Plan {
    /** In the order to be done. */
    steps: Step[];
    /** When to plan again though nothing else happens, in milliseconds since 1970. */
    wakeAt?: number;
}

/** Compares what the deployment wants with what there is, as edgeAgent's planner does (`HealthRestartPlanner.cs`). */
export function planModules(
    wanted: DesiredModule[],
    records: ReadonlyMap<string, ModuleRecord>,
    {
        now,
        coolOffUnit,
        hasImage,
    }: { now: number; coolOffUnit: number; hasImage(record: ModuleRecord): boolean },
): Plan {
    const names = new Set(wanted.map(({ name }) => name));
    const steps: Step[] = [...records.keys()]
        .filter((name) => !names.has(name))
        .map((name) => ({ kind: "remove", name }));
    let wakeAt: number | undefined;
    const wake = (time: number) => {
        wakeAt = Math.min(time, wakeAt ?? time);
    };
    for (const module of wanted.toSorted(byStartupOrder)) {
        const record = records.get(module.name);
        const isMade = record && isSame(record.desired, module);
        if (!isMade || (record.runtimeStatus !== "running" && !hasImage(record))) {
            steps.push({ kind: "create", module });
        } else if (module.status === "stopped") {
            const isAtRest = record.runtimeStatus === "stopped" && record.awaitsStart;
            if (!isAtRest) steps.push({ kind: "stop", name: module.name });
        } else if (record.runtimeStatus === "running") {
            if (record.restartCount === 0) continue;
            const healthyAt = (record.lastExit ?? 0) + intensiveCareTime;
            if (healthyAt <= now) steps.push({ kind: "forgetRestarts", name: module.name });
            else wake(healthyAt);
        } else if (record.awaitsStart) steps.push({ kind: "start", name: module.name });
        else if (record.runtimeStatus === "backoff") {
            const dueAt = (record.lastExit ?? 0) + coolOff(record.restartCount, coolOffUnit);
            if (dueAt <= now) steps.push({ kind: "restart", name: module.name });
            else wake(dueAt);
        }
    }
    return { steps, wakeAt };
}

/** Whether a module need not be made anew. Another wanted status alone only starts or stops it. */
function isSame(one: DesiredModule, other: DesiredModule): boolean {
    return isDeepStrictEqual({ ...one, status: "" }, { ...other, status: "" });
}

function byStartupOrder(one: DesiredModule, other: DesiredModule): number {
    return one.startupOrder - other.startupOrder || (one.name < other.name ? -1 : 1);
}
