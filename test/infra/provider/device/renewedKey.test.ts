import { answerBy, identity, resourceOf, scriptedProvider, stacked, well } from "../scriptedServices";

/** Refreshes a device whose hub has this key; what the user is told. */
async function refresh(primaryKey: string, inputs = stacked.Device?.inputs ?? {}): Promise<string[]> {
    const lines: string[] = [];
    const authentication = inputs.thumbprints
        ? { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "a", secondaryThumbprint: "a" } }
        : { type: "sas", symmetricKey: { primaryKey, secondaryKey: "second" } };
    answerBy((call) =>
        call.path.startsWith("/devices/")
            ? { status: 200, json: { ...identity, authentication } }
            : well(call),
    );
    const state = { ...stacked.Device?.state, ...inputs };
    await scriptedProvider({}, lines).read(resourceOf("Device"), "id", inputs, state);
    return lines;
}

describe("a device whose key somebody has renewed in the hub", () => {
    test("is named, with what gives the device the new one, and the key is not", async () => {
        const lines = await refresh("another-key");
        expect(lines).toEqual([
            expect.stringMatching(
                /^Warning: expected the key that d was set up with, found another one in the hub\./,
            ),
        ]);
        expect(lines.join()).toMatch(/Run pulumi up, .* npm run edge -- device install-script$/);
        expect(lines.join()).not.toContain("another-key");
    });

    test("is told from one that has its key still, or proves itself by a certificate", async () => {
        expect(await refresh("first")).toEqual([]);
        expect(await refresh("another-key", { ...stacked.Device?.inputs, thumbprints: ["a"] })).toEqual([]);
    });

    test("is told from one whose keys the stack gives, which the next update writes again", async () => {
        const symmetricKey = { primaryKey: "first", secondaryKey: "second" };
        expect(await refresh("another-key", { ...stacked.Device?.inputs, symmetricKey })).toEqual([]);
    });
});
