import type { Change } from "../arm/longRunning";
import type { PlaneName } from "../planes/planeKinds";
import { type FaultPlan, faultPlan, type Throttle } from "./faultPlan";
import { parseFaults } from "./faultSettings";
import type { FaultSource } from "./underFaults";
import type { Wait } from "./unfriendly";

/** What `--faults` said, and when: whoever says it again begins the sequence anew. */
export interface GivenFaults {
    readonly plan: string;
    readonly given: string;
}

/** The faults of a running local Azure. */
export interface Faults {
    of(plane: PlaneName): FaultSource;
    /** Whether a change of a resource fails; `id` is the resource's. */
    failsChange(armType: string, id: string): boolean;
    /** Whether a call to ARM, such as `GET /subscriptions/…`, is one too many. */
    throttlesArm(call: string): Throttle | undefined;
    /** How long ARM works on a change, in milliseconds; no time unless it is unfriendly. */
    operationMs(change: Change, armType: string): number;
    /** How late something is, in milliseconds; not at all unless Azure is unfriendly. */
    delayMs(what: Wait): number;
}

/** Follows the settings that `read` finds, and logs each fault, so that a failure is known for what it was. */
export function configuredFaults(read: () => GivenFaults | undefined, log: (line: string) => void): Faults {
    let given: GivenFaults | undefined;
    let plan: FaultPlan | undefined;
    const current = () => {
        const found = read();
        if (found?.plan !== given?.plan || found?.given !== given?.given) {
            given = found;
            plan = found && faultPlan(parseFaults(found.plan));
        }
        return plan;
    };
    return {
        of: (plane) => (call) => {
            const fault = current()?.next(plane);
            if (fault) log(`fault of the ${plane}, ${fault}: ${call}`);
            return fault;
        },
        failsChange(armType, id) {
            const fails = current()?.failsChange(armType) ?? false;
            if (fails) log(`fault of the provider: ${id}`);
            return fails;
        },
        throttlesArm(call) {
            const throttle = current()?.throttlesArm();
            if (throttle) log(`fault of ARM, throttled: ${call}`);
            return throttle;
        },
        operationMs: (change, armType) => current()?.unfriendly?.operationMs(change, armType) ?? 0,
        delayMs: (what) => current()?.unfriendly?.delayMs(what) ?? 0,
    };
}
