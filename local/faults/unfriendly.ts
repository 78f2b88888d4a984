import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { mersenne } from "pure-rand/generator/mersenne";
import type { Change } from "../arm/longRunning";

/** What takes its time in Azure, with the seconds that it takes there at least and at most. */
const seconds = {
    // azure-cli's recordings have some of up to 150 s.
    "making a hub": [75, 105],
    // azure-cli's recordings ask after 30 s for the first time.
    "making a provisioning service": [30, 50],
    "making a registry": [8, 12],
    "any other change": [3, 10],
    // Counted from the hub's creation: azure-powershell issue 16842 has one that was not active 30 s after it was said to be.
    "a hub that answers": [135, 165],
    // learn: "repository-scoped permissions": regenerated passwords take up to 60 s.
    "a renewed password": [40, 60],
    // Counted from the hub's creation; learn: role assignments take up to 10 minutes, and most of them two.
    "a role on a hub": [150, 180],
} as const satisfies Record<string, readonly [atLeast: number, atMost: number]>;

/** Something that is late in Azure; another one is a line in the table. */
export type Wait = keyof typeof seconds;

const making: Readonly<Record<string, Wait>> = {
    "microsoft.devices/iothubs": "making a hub",
    "microsoft.devices/provisioningservices": "making a provisioning service",
    "microsoft.containerregistry/registries": "making a registry",
};

/** The clock of the unfriendly mode. */
export interface Unfriendly {
    /** How long something takes this time, in milliseconds. */
    delayMs(what: Wait): number;
    /** How long ARM works on a change of a resource of this type. */
    operationMs(change: Change, armType: string): number;
    /** Seconds that the mode has somebody wait, as a header says them: whole ones, at least one. */
    headerSeconds(asInAzure: number): number;
}

/** The waits that `seed` gives, one sequence for each thing that takes time; `hurry` divides them all. */
export function unfriendlyClock({ seed, hurry }: { seed: number; hurry: number }): Unfriendly {
    const names = Object.keys(seconds) as Wait[];
    const sequences = new Map(names.map((what, index) => [what, mersenne(seed * 64 + index)]));
    const clock: Unfriendly = {
        delayMs(what) {
            const sequence = sequences.get(what);
            const chance = sequence ? uniformFloat32(sequence) : 0;
            const [atLeast, atMost] = seconds[what];
            return ((atLeast + (atMost - atLeast) * chance) * 1000) / hurry;
        },
        operationMs: (change, armType) =>
            clock.delayMs((change === "creating" && making[armType.toLowerCase()]) || "any other change"),
        headerSeconds: (asInAzure) => Math.max(1, Math.round(asInAzure / hurry)),
    };
    return clock;
}
