import {
    answerBy,
    resourceOf,
    type ServiceReply,
    scriptedProvider,
    stacked,
    tokenId,
    well,
} from "../scriptedServices";

const registryId = tokenId.replace(/\/tokens\/.*/, "");

/** Rotates the password of a registry that answers so, sign-in by sign-in, the last again and again. */
async function rotate(...answers: (number | "hangs")[]) {
    const lines: string[] = [];
    const signedIn: string[] = [];
    answerBy((call): ServiceReply | undefined => {
        if (call.path === registryId)
            return { status: 200, json: { properties: { loginServer: "r.azurecr.io" } } };
        if (call.host !== "r.azurecr.io") return well(call);
        signedIn.push(`${call.path} ${Buffer.from(call.authorization.slice(6), "base64").toString()}`);
        const answer = answers[Math.min(signedIn.length, answers.length) - 1];
        return answer === "hangs" || answer === undefined ? undefined : { status: answer };
    });
    const { inputs = {}, state = {} } = stacked.RegistryTokenPassword ?? {};
    const resource = resourceOf("RegistryTokenPassword");
    const news = { ...inputs, rotation: 2 };
    const { password } = await scriptedProvider({}, lines).update(resource, "id", news, state, false);
    expect(JSON.stringify(password)).toContain('"newer"');
    return { lines, signedIn };
}

describe("a registry that does not know a new password at once", () => {
    test("is waited for until the password opens it", async () => {
        const { lines, signedIn } = await rotate(401, 401, 200);
        expect(signedIn).toEqual(Array(3).fill("/v2/ t:newer"));
        expect(lines).toEqual([]);
    });

    test("is given up after a minute and a half, and the password is kept with a warning", async () => {
        const { lines, signedIn } = await rotate(401);
        expect(lines).toEqual([
            "Warning: expected r.azurecr.io to know the new password of t by now, found it refused.",
        ]);
        expect(signedIn.length).toBeGreaterThan(8);
        expect(signedIn.length).toBeLessThan(20);
    });

    test.each([200, 403, 503, "hangs"] as const)("is not waited for where it answers %s", async (answer) => {
        const { lines, signedIn } = await rotate(answer);
        expect({ lines, asked: signedIn.length }).toEqual({ lines: [], asked: 1 });
    });
});
