import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { steps, type UnfriendlyLife, unfriendlyLife } from "./unfriendlyLife";

/** Three lives of a stack, in each step of which somebody dies, so that everybody dies in each. */
const random = xoroshiro128plus(17);
const killers = ["engine", "local Azure", "command"] as const;
const deaths = Array.from({ length: 15 }, (_, index) => ({
    step: steps[index % steps.length] ?? "up",
    victim: killers[index % killers.length] ?? "engine",
    afterMs: uniformInt(random, 500, 12_000),
}));

let life: UnfriendlyLife;
beforeAll(async () => {
    life = await unfriendlyLife("unfriendly=1,hurry=30,seed=17");
}, 120_000);
afterAll(() => life?.remove());

test.each(deaths)(
    "$step, in which the $victim is killed after $afterMs ms, is repeated in an Azure as unpleasant as the real one",
    ({ step, ...death }) => life.live(step, death),
);
