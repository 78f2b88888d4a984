import { deaths, type KilledStack, killedStack } from "./killing";

let stack: KilledStack;
beforeAll(async () => {
    stack = await killedStack();
}, 120_000);
afterAll(() => stack?.remove());

test.each(deaths(50, 1))(
    "the $update update, whose $victim is killed after $afterMs ms, is repeated, and nothing is left over",
    async (death) => stack.survive(death),
    120_000,
);
