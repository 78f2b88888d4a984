import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
    type Diff,
    type Provider,
    resourceName,
    secret,
    unknownValue,
} from "../../provider-protocol/provider";
import { providerHandlers } from "../../provider-protocol/providerHandlers";

const urn = "urn:pulumi:test::project::my:index:Site$my:index:Thing::a::b";
const struct = (value: object) => Struct.fromJavaScript(value as never);
const plain = (value: Struct | undefined) => value?.toJavaScript();

/** A provider that keeps what it was asked; whatever is not given answers nothing. */
function asked(answers: Partial<Record<keyof Provider, unknown>> = {}) {
    const calls: Record<string, unknown[]> = {};
    const provider = Object.fromEntries(
        ["configure", "check", "diff", "create", "read", "update", "delete"].map((name) => [
            name,
            (...args: unknown[]) => {
                calls[name] = args;
                return answers[name as keyof Provider];
            },
        ]),
    );
    return { handlers: providerHandlers(provider as unknown as Provider, "1.2.3"), calls };
}

const thing = { urn, type: "my:index:Thing", name: "a::b" };
const inputs = { a: unknownValue, b: secret({ c: [1, unknownValue] }), n: null };

test("a URN is taken apart into its last type and its whole name", () => {
    expect(resourceName(urn)).toEqual(thing);
    expect(resourceName("urn:pulumi:s::p::t:i:T::n")).toMatchObject({ type: "t:i:T", name: "n" });
});

describe("the engine's protocol hands on", () => {
    test("what is checked, with what was there, the seed and the proposal of a name", async () => {
        const checked = {
            inputs: { ...inputs, gone: undefined },
            failures: [{ property: "a.b", reason: "So." }],
        };
        const { handlers, calls } = asked({ check: checked });
        const seed = Uint8Array.from([1, 2]);
        const autonaming = new messages.CheckRequest.AutonamingOptions().setProposedName("a-1");
        const request = new messages.CheckRequest()
            .setUrn(urn)
            .setOlds(struct({ old: 1 }))
            .setNews(struct(inputs))
            .setRandomseed(seed);
        const response = await handlers.check(request);
        expect(calls.check).toEqual([
            thing,
            { old: 1 },
            inputs,
            { randomSeed: seed, proposedName: undefined },
        ]);
        expect(plain(response.getInputs())).toEqual(inputs);
        expect(response.getFailuresList().map((failure) => failure.toObject())).toEqual(checked.failures);
        await handlers.check(request.setAutonaming(autonaming));
        expect(calls.check?.[3]).toMatchObject({ proposedName: "a-1" });
    });

    test.each([true, false])(
        "whether it is a preview (%s) that makes or changes something",
        async (preview) => {
            const { handlers, calls } = asked({ create: { id: "i", properties: inputs }, update: inputs });
            const created = await handlers.create(
                new messages.CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(preview),
            );
            expect(calls.create).toEqual([thing, inputs, preview]);
            expect([created.getId(), plain(created.getProperties())]).toEqual(["i", inputs]);
            const updated = await handlers.update(
                new messages.UpdateRequest()
                    .setUrn(urn)
                    .setId("i")
                    .setOlds(struct({ old: 1 }))
                    .setNews(struct(inputs))
                    .setPreview(preview),
            );
            expect(calls.update).toEqual([thing, "i", inputs, { old: 1 }, preview]);
            expect(plain(updated.getProperties())).toEqual(inputs);
        },
    );

    test("what is read and deleted, each by its id and its state", async () => {
        const { handlers, calls } = asked({ read: { inputs: { a: 1 }, properties: { a: 1, b: 2 } } });
        const request = new messages.ReadRequest()
            .setUrn(urn)
            .setId("i")
            .setInputs(struct({ in: 1 }))
            .setProperties(struct({ out: 1 }));
        const found = await handlers.read(request);
        expect(calls.read).toEqual([thing, "i", { in: 1 }, { out: 1 }]);
        expect([found.getId(), plain(found.getInputs()), plain(found.getProperties())]).toEqual([
            "i",
            { a: 1 },
            { a: 1, b: 2 },
        ]);
        const none = await asked().handlers.read(request);
        expect([none.getId(), none.getInputs(), none.getProperties()]).toEqual(["", undefined, undefined]);
        await handlers.delete(
            new messages.DeleteRequest()
                .setUrn(urn)
                .setId("i")
                .setProperties(struct({ out: 1 })),
        );
        expect(calls.delete).toEqual([thing, "i", { out: 1 }]);
    });

    test("the configuration, and tells the engine that secrets are its own business and previews are not", async () => {
        const { handlers, calls } = asked();
        const request = new messages.ConfigureRequest();
        request.getVariablesMap().set("p:config:a", "1");
        const response = (await handlers.configure(request)).toObject();
        expect(calls.configure).toEqual([{ "p:config:a": "1" }]);
        expect(response).toMatchObject({
            acceptsecrets: false,
            acceptresources: false,
            acceptoutputs: false,
            supportspreview: true,
            supportsAutonamingConfiguration: true,
        });
    });

    test("nothing of another configuration than that it may be another", async () => {
        const { handlers } = asked();
        const { DIFF_UNKNOWN } = messages.DiffResponse.DiffChanges;
        const response = await handlers.diffConfig();
        expect([response.getChanges(), response.getReplacesList()]).toEqual([DIFF_UNKNOWN, []]);
        expect((await handlers.getPluginInfo()).getVersion()).toBe("1.2.3");
        const checked = await handlers.checkConfig(new messages.CheckRequest().setNews(struct({ a: 1 })));
        expect([plain(checked.getInputs()), checked.getFailuresList()]).toEqual([{ a: 1 }, []]);
        await expect(handlers.getSchema()).rejects.toThrow(
            "Expected a provider with a schema, found a stand-in",
        );
        const call = new messages.InvokeRequest().setTok("my:index:get");
        await expect(handlers.invoke(call)).rejects.toThrow(
            "no function of the my provider, found my:index:get.",
        );
    });
});

describe("a difference", () => {
    const changes = { a: "add", ab: "update", "a.b": "delete", "a[0]": "update" };
    const differ = async (olds: object, news: object, found: Partial<Diff> = {}, ignored: string[] = []) => {
        const none = { changes: new Map(), replaces: [], deleteBeforeReplace: false };
        const { handlers, calls } = asked({ diff: { ...none, ...found } });
        const request = new messages.DiffRequest()
            .setUrn(urn)
            .setOldInputs(struct(olds))
            .setOlds(struct({ out: 1 }))
            .setNews(struct(news))
            .setIgnorechangesList(ignored);
        return { response: await handlers.diff(request), given: calls.diff };
    };
    const found = () => new Map(Object.entries(changes)) as Diff["changes"];
    const kinds = (response: messages.DiffResponse) => {
        const names = Object.entries(messages.PropertyDiff.Kind);
        const byPath: Record<string, string | undefined> = {};
        response.getDetaileddiffMap().forEach((one, path) => {
            byPath[path] = names.find(([, kind]) => kind === one.getKind())?.[0];
        });
        return byPath;
    };

    test("is asked for between the inputs, with the state beside them", async () => {
        const { given, response } = await differ({ a: 1 }, { a: 2 });
        expect(given).toEqual([thing, { a: 1 }, { a: 2 }, { out: 1 }]);
        expect(response.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_NONE);
        expect(response.getHasdetaileddiff()).toBe(true);
    });

    test.each([true, false])(
        "says what replaces, of a property and all below it, and in which order (%s)",
        async (order) => {
            const { response } = await differ(
                {},
                {},
                { changes: found(), replaces: ["a"], deleteBeforeReplace: order },
            );
            expect(response.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
            expect(response.getReplacesList()).toEqual(["a"]);
            expect(response.getDeletebeforereplace()).toBe(order);
            expect(kinds(response)).toEqual({
                a: "ADD_REPLACE",
                ab: "UPDATE",
                "a.b": "DELETE_REPLACE",
                "a[0]": "UPDATE_REPLACE",
            });
        },
    );

    test("says of what is no replacement only what becomes of it", async () => {
        const { response } = await differ({}, {}, { changes: found() });
        expect(kinds(response)).toEqual({ a: "ADD", ab: "UPDATE", "a.b": "DELETE", "a[0]": "UPDATE" });
    });

    test.each<[string, string[], object, object, object]>([
        ["a property", ["a"], { a: 1, b: 1 }, { a: 2, b: 2 }, { a: 1, b: 2 }],
        ["one that is new", ["a"], { b: 1 }, { a: 2, b: 2 }, { b: 2 }],
        ["one that is gone", ["a"], { a: 1 }, {}, { a: 1 }],
        ["one below another", ["a.b"], { a: { b: 1, c: 1 } }, { a: { b: 2, c: 2 } }, { a: { b: 1, c: 2 } }],
        ["a new one below another", ["a.b"], { a: {} }, { a: { b: 2 } }, { a: {} }],
        ["several", ["a", "b.c"], { a: 1, b: { c: 1 } }, { a: 2, b: { c: 2 } }, { a: 1, b: { c: 1 } }],
        ["one below what is no object any more", ["a.b"], { a: { b: 1 } }, { a: 5 }, { a: 5 }],
    ])("leaves out what is ignored: %s", async (_, ignored, olds, news, compared) => {
        expect((await differ(olds, news, {}, ignored)).given?.[2]).toEqual(compared);
    });
});
