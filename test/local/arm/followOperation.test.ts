import { followOperation, type OperationAnswer } from "../../../local/arm/followOperation";

const answer = (status: number, body?: unknown, headers = {}): OperationAnswer => ({ status, body, headers });
const state = (provisioningState: string) => ({ properties: { provisioningState } });
const running = answer(200, { status: "InProgress" });
const quick = 1_000_000;

/** Follows what `first` began while ARM answers `answers`, and says what was asked for. */
async function follow(method: string, first: OperationAnswer, answers: OperationAnswer[]) {
    const asked: string[] = [];
    const left = [...answers];
    const send = async (verb: string, path: string) => {
        asked.push(`${verb} ${path}`);
        const next = left.shift();
        if (!next) throw new Error("Asked once more than there are answers.");
        return next;
    };
    const outcome = await followOperation(send, method, "/resource", first, quick).catch(
        ({ status, code }) => `${status} ${code}`,
    );
    return { outcome, asked };
}

const operation = { "azure-asyncoperation": "https://arm/operation", location: "https://arm/result" };
const location = { location: "https://arm/result" };
const poll = "GET https://arm/operation";
const look = "GET https://arm/result";

test("a PUT is over when its operation is, and answers the resource as it is then", async () => {
    const made = answer(200, state("Succeeded"));
    expect(
        await follow("PUT", answer(201, state("Accepted"), operation), [
            running,
            answer(200, { status: "Running" }),
            answer(200, { status: "Succeeded" }),
            made,
        ]),
    ).toEqual({ outcome: made.body, asked: [poll, poll, poll, "GET /resource"] });
});

test("a DELETE is over when its operation is", async () => {
    const ended = answer(200, { status: "succeeded" });
    expect(await follow("DELETE", answer(202, undefined, operation), [running, ended])).toEqual({
        outcome: undefined,
        asked: [poll, poll],
    });
    const gone = [answer(202), answer(204)];
    expect(await follow("DELETE", answer(202, undefined, location), gone)).toEqual({
        outcome: undefined,
        asked: [look, look],
    });
});

test("a POST answers what is found where Location says", async () => {
    const found = answer(200, { username: "token" });
    expect(await follow("POST", answer(202, undefined, location), [answer(202), found])).toEqual({
        outcome: found.body,
        asked: [look, look],
    });
    const ended = answer(200, { status: "Succeeded" });
    expect(await follow("POST", answer(202, undefined, operation), [ended, found])).toEqual({
        outcome: found.body,
        asked: [poll, look],
    });
});

test("a PUT without an operation is over when the resource says so", async () => {
    const made = answer(200, state("Succeeded"));
    const again = "GET /resource";
    expect(
        await follow("PUT", answer(200, state("RegisteringDns")), [answer(200, state("x")), made]),
    ).toEqual({
        outcome: made.body,
        asked: [again, again],
    });
    expect(await follow("PUT", made, [])).toEqual({ outcome: made.body, asked: [] });
    expect(await follow("PUT", answer(200, { id: "no state" }), [])).toMatchObject({ asked: [] });
    expect(await follow("GET", answer(200, state("Updating")), [])).toMatchObject({ asked: [] });
});

test.each(["Failed", "Canceled"])(
    "an operation that ends as %s is a refusal with its reason",
    async (status) => {
        const error = { code: "SkuNotAvailable", message: "Not here." };
        const first = answer(201, state("Accepted"), operation);
        const failed = await follow("PUT", first, [answer(200, { status, error })]);
        expect(failed.outcome).toBe("200 SkuNotAvailable");
        expect((await follow("PUT", first, [answer(200, { status })])).outcome).toBe(`200 ${status}`);
        expect(
            (await follow("PUT", answer(200, state("Creating")), [answer(200, state(status))])).outcome,
        ).toBe(`200 ${status}`);
    },
);
