import { ArmError } from "../../../local/arm/armError";
import { patiently } from "../../../local/arm/patiently";

const quick = 1_000_000;

/** How often a call is made that is refused `times` before it goes through, and whether it does. */
async function calls(refusal: Error, times: number): Promise<[number, string]> {
    let made = 0;
    const outcome = await patiently(async () => {
        made += 1;
        if (made <= times) throw refusal;
        return "through";
    }, quick).catch(({ message }) => message);
    return [made, outcome];
}

test.each([
    [429, "TooManyRequests"],
    [503, "ServiceUnavailable"],
    [409, "AnotherOperationInProgress"],
])("a call that is refused with %d %s is repeated three times", async (status, code) => {
    const refusal = new ArmError(status, code, "busy");
    expect(await calls(refusal, 3)).toEqual([4, "through"]);
    expect(await calls(refusal, 4)).toEqual([4, "busy"]);
});

test.each([
    new ArmError(409, "Conflict", "conflict"),
    new ArmError(404, "ResourceNotFound", "conflict"),
    new Error("conflict"),
])("one that is refused otherwise is not", async (refusal) => {
    expect(await calls(refusal, 1)).toEqual([1, "conflict"]);
});
