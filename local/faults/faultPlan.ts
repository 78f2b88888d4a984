import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { mersenne } from "pure-rand/generator/mersenne";
import { type PlaneName, planeNames } from "../planes/planeKinds";
import type { FaultSettings } from "./faultSettings";
import { type Fault, failures } from "./underFaults";
import { type Unfriendly, unfriendlyClock } from "./unfriendly";

/** A refusal of ARM to take more calls, with the seconds to wait where it names them. */
export interface Throttle {
    readonly retryAfterS?: number;
}

/** Decides, call by call. */
export interface FaultPlan {
    /** What befalls the next call to `plane`. */
    next(plane: PlaneName): Fault | undefined;
    /** Whether the next change of a resource of this ARM type fails. */
    failsChange(armType: string): boolean;
    /** Whether the next call to ARM is one too many. */
    throttlesArm(): Throttle | undefined;
    /** The clock of the unfriendly mode, where it is on. */
    readonly unfriendly: Unfriendly | undefined;
}

/** The decisions that the seed gives: each plane has a sequence of its own, so that one does not depend on another. */
export function faultPlan(settings: FaultSettings): FaultPlan {
    const { seed, slow, provider, arm, unfriendly, ...shares } = settings;
    const sequence = (index: number) => {
        // Unlike the shift generators, whose first draws are alike for small seeds.
        const generator = mersenne(seed * 16 + index);
        return () => uniformFloat32(generator);
    };
    const draws = Object.fromEntries(planeNames.map((plane, index) => [plane, sequence(index)])) as Record<
        PlaneName,
        () => number
    >;
    const drawChange = sequence(planeNames.length);
    const drawArm = sequence(planeNames.length + 1);
    const clock = unfriendlyClock(settings);
    let hasFailed = false;
    return {
        next(plane) {
            const draw = draws[plane];
            // Always as many draws, so that a share does not shift what the later ones decide.
            const [chance, kind, delay] = [draw(), draw(), draw()];
            if (chance < shares[plane]) return failures[Math.floor(kind * failures.length)];
            return shares[plane] > 0 && delay < slow ? "slow" : undefined;
        },
        failsChange(armType) {
            if (typeof provider === "number") return drawChange() < provider;
            if (hasFailed || armType.toLowerCase() !== provider.toLowerCase()) return false;
            hasFailed = true;
            return true;
        },
        throttlesArm() {
            const [chance, kind, wait] = [drawArm(), drawArm(), drawArm()];
            if (chance >= arm) return undefined;
            return kind < 0.5 ? {} : { retryAfterS: clock.headerSeconds(1 + 14 * wait) };
        },
        unfriendly: unfriendly ? clock : undefined,
    };
}
