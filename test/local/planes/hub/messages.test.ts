import { hubMessages, type MessageDraft } from "../../../../local/planes/hub/links/messages";
import { signSas } from "../../../../local/planes/sas";
import { inAnHour, policyToken, startTestHub, type TestHub } from "./testHub";

let test1: TestHub;

beforeEach(async () => {
    test1 = await startTestHub();
});
afterEach(() => test1.close());

const draft = (text: string) => ({ body: Buffer.from(text), properties: {}, system: {} });

test("the service reads what devices sent after the message that it knows, with ServiceConnect", async () => {
    await test1.call("PUT", "/devices/d", { body: {} });
    const { body } = await test1.call("PUT", "/devices/d/modules/m", { body: {} });
    const sas = signSas({
        resource: `${test1.description.hostName}/devices/d/modules/m`,
        key: body.authentication.symmetricKey.primaryKey,
        expiresAt: inAnHour(),
    });
    const link = test1.hub.connectModule({ deviceId: "d", moduleId: "m", sas });
    link.send(draft("one"));
    link.send({ ...draft("two"), output: "out", properties: { a: "b" } });
    const read = (after: string) => test1.call("GET", `/messages/events${after}`);
    expect((await read("")).body).toEqual({ last: 2, messages: [] });
    expect((await read("?after=1")).body).toMatchObject({
        last: 2,
        messages: [
            {
                sequence: 2,
                deviceId: "d",
                moduleId: "m",
                output: "out",
                properties: { a: "b" },
                body: "dHdv",
            },
        ],
    });
    expect((await read("?after=x")).status).toBe(400);
    const authorization = policyToken(test1, "registryReader");
    expect((await test1.call("GET", "/messages/events?after=0", { authorization })).status).toBe(401);
});

test("a message is as large as its body and its properties, and no larger than the service takes", () => {
    const kept = hubMessages(test1.store.collection<never>("large"));
    const body = Buffer.alloc(256 * 1024 - 2);
    kept.add("d", { body, properties: { a: "b" }, system: {} });
    const larger: Pick<MessageDraft, "properties" | "system">[] = [
        { properties: { a: "bc" }, system: {} },
        { properties: { a: "b" }, system: { messageId: "" } },
        { properties: { ä: "" }, system: { e: "" } },
    ];
    for (const more of larger)
        expect(() => kept.add("d", { body, ...more })).toThrow("more than the limit of 262144");
    expect(kept.last()).toBe(1);
});

test("the oldest messages go when there are too many or they are too large, and numbers are not used twice", () => {
    const kept = test1.store.collection<never>("messages");
    const few = hubMessages(kept, { messages: 3, bytes: 1_000_000 });
    for (const text of ["1", "2", "3", "4"]) few.add("d", draft(text));
    expect(few.after(0, 10).map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
    const small = hubMessages(kept, { messages: 100, bytes: 300 });
    small.add("d", draft("x".repeat(225)));
    expect(small.after(0, 10).map(({ sequence }) => sequence)).toEqual([5]);
    expect(hubMessages(kept).last()).toBe(5);
});
