import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers; the same seed gives the same stream on every machine. */
export interface Random {
    /** From `min` up to, but not including, `max`. */
    uniform(min: number, max: number): number;
    chance(probability: number): boolean;
    /** Mean 0, standard deviation 1. */
    normal(): number;
}

export function seededRandom(seed: number): Random {
    const generator = xoroshiro128plus(seed);
    const next = () => uniformFloat32(generator);
    return {
        uniform: (min, max) => min + (max - min) * next(),
        chance: (probability) => next() < probability,
        normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    };
}
