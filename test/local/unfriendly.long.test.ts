import { steps, type UnfriendlyLife, unfriendlyLife } from "./unfriendlyLife";

// What takes minutes in Azure takes a thirtieth of that here; the waits of whoever deploys are the real ones.
let life: UnfriendlyLife;
beforeAll(async () => {
    life = await unfriendlyLife("unfriendly=1,hurry=30,seed=17");
}, 120_000);
afterAll(() => life?.remove());

test.each(steps)("%s passes in an Azure as unpleasant as the real one", (step) => life.live(step));
