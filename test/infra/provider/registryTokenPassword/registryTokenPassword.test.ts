import { type EngineLog, startEngineLog } from "../engineLog";
import { arm, azure, configuredProvider, group, provider, useLocalServices } from "../localServices";
import { secretPaths } from "../secretMarks";
import { workOn } from "../stackedResource";

const registryId = `${group}/providers/Microsoft.ContainerRegistry/registries/registry1`;
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

useLocalServices();
const passwords = workOn(() => provider, "RegistryTokenPassword");

let loginServer: string;
beforeAll(async () => {
    const registry = await arm<{ properties: { loginServer: string } }>("PUT", registryId, {
        location: "westeurope",
        sku: { name: "Basic" },
    });
    loginServer = registry.properties.loginServer;
    const actions = ["repositories/app/content/read"];
    await arm("PUT", `${registryId}/scopeMaps/reads`, { properties: { actions } });
});

async function tokenNamed(token: string): Promise<{ tokenId: string }> {
    const tokenId = `${registryId}/tokens/${token}`;
    await arm("PUT", tokenId, { properties: { scopeMapId: `${registryId}/scopeMaps/reads` } });
    return { tokenId };
}

async function signIn(token: string, password: string): Promise<number> {
    const basic = Buffer.from(`${token}:${password}`).toString("base64");
    const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
    return (await fetch(`http://${loginServer}/v2/`, { headers })).status;
}

describe("a password of a registry's token", () => {
    test("is made as whoever deploys, and opens the registry", async () => {
        const inputs = await tokenNamed("created");
        const { id, state } = await passwords.create(inputs);
        expect(id).toBe(`${inputs.tokenId}/passwords/password1`);
        expect(state).toEqual({ ...inputs, rotation: 1, password: expect.stringMatching(/^\S{40,}$/) });
        expect(await signIn("created", state.password)).toBe(200);
    });

    test("stays as it is while the same is asked for, also when it is read", async () => {
        const inputs = await tokenNamed("stable");
        const made = await passwords.create(inputs);
        expect(await passwords.diff(made, inputs)).toMatchObject({ isChanged: false, replaces: [] });
        expect(await passwords.refresh(made)).toEqual(made);
        expect(await signIn("stable", made.state.password)).toBe(200);
    });

    test("is another one after each rotation, and the one before goes on until the next", async () => {
        const inputs = await tokenNamed("rotated");
        let one = await passwords.create(inputs);
        const all = [one.state.password];
        for (const rotation of [2, 3]) {
            expect(await passwords.diff(one, { ...inputs, rotation })).toMatchObject({
                changes: ["rotation"],
                replaces: [],
            });
            one = await passwords.update(one, { ...inputs, rotation });
            all.push(one.state.password);
            const [before, now] = all.slice(-2);
            expect([await signIn("rotated", before), await signIn("rotated", now)]).toEqual([200, 200]);
        }
        expect(await signIn("rotated", all[0])).toBe(401);
        expect(new Set(all).size).toBe(3);
    });

    test("is not known before a rotation, and is known before anything else", async () => {
        const { tokenId } = await tokenNamed("planned");
        const state = { tokenId, rotation: 1, password: "p" };
        const planned = (news: { tokenId: string; rotation: number }) =>
            provider.update(passwords.urn(), "id", state, news, true);
        expect(await planned({ tokenId, rotation: 2 })).toEqual({ tokenId, rotation: 2, password: unknown });
        expect(await planned({ tokenId, rotation: 1 })).toMatchObject({ password: { value: "p" } });
    });

    test("belongs to one token: another needs another, made before the old one goes", async () => {
        const made = await passwords.create(await tokenNamed("owner"));
        for (const tokenId of [`${registryId}/tokens/two`, unknown]) {
            expect(await passwords.diff(made, { tokenId })).toMatchObject({
                changes: ["tokenId"],
                replaces: ["tokenId"],
                deleteBeforeReplace: false,
            });
        }
    });

    test("is read as gone with its token, its registry, or alone", async () => {
        const inputs = await tokenNamed("deleted");
        const known = { ...inputs, rotation: 1 };
        const made = { urn: passwords.urn(), id: "id", inputs: known, state: { ...known, password: "p" } };
        expect(await passwords.refresh(made)).toBeUndefined();
        const created = await passwords.create(inputs);
        await arm("DELETE", inputs.tokenId);
        expect(await passwords.refresh(created)).toBeUndefined();
        const elsewhere = { ...known, tokenId: inputs.tokenId.replace("registry1", "registry2") };
        expect(await passwords.refresh({ ...made, inputs: elsewhere })).toBeUndefined();
        await passwords.remove(created);
    });

    test("is not gone where ARM refuses to say", async () => {
        const tokenId = `${registryId}/tokens/t`.replace(/0{12}/, "000000000009");
        const inputs = { tokenId, rotation: 1 };
        const unseen = { urn: passwords.urn(), id: "id", inputs, state: { ...inputs, password: "p" } };
        await expect(passwords.refresh(unseen)).rejects.toThrow(/found 404 SubscriptionNotFound: /);
    });

    test("of a token that is not there is refused in ARM's words", async () => {
        await expect(passwords.create({ tokenId: `${registryId}/tokens/nobody` })).rejects.toThrow(
            /Expected Azure to carry out POST .*\/generateCredentials, found 404 TokenNotFound: /,
        );
    });

    test("is checked at its properties", async () => {
        const { refused } = await provider.check(passwords.urn(), { tokenId: "registry1", rotation: 0 });
        expect(refused).toEqual({
            tokenId:
                "Expected tokenId to be the id of a token, " +
                '/subscriptions/…/providers/Microsoft.ContainerRegistry/registries/NAME/tokens/NAME, found "registry1".',
            rotation: "Expected rotation to be a whole number from 1, found 0.",
        });
    });

    test("is marked as secret in every answer", async () => {
        const known = await passwords.check(await tokenNamed("secret"));
        const urn = passwords.urn();
        const { id, properties } = await provider.create(urn, known);
        expect(secretPaths(properties)).toEqual(["password"]);
        const state = { ...known, password: "p" };
        expect(secretPaths((await provider.read(urn, id, known, state)).properties)).toEqual(["password"]);
        expect(secretPaths(await provider.update(urn, id, state, { ...known, rotation: 2 }))).toEqual([
            "password",
        ]);
    });
});

describe("an import of a registry token's password", () => {
    let engine: EngineLog;
    beforeAll(async () => {
        engine = await startEngineLog();
    });
    afterAll(() => engine?.close());

    test("has no password and says so, changes nothing, and gets one by a rotation", async () => {
        const logging = await configuredProvider({}, {}, engine.address);
        const here = workOn(() => logging, "RegistryTokenPassword");
        const { state } = await passwords.create(await tokenNamed("imported"));
        const imported = await here.import(`${state.tokenId}/passwords/password1`);
        expect(imported?.state).toEqual({ tokenId: state.tokenId, rotation: 1, password: "" });
        expect(await engine.line(0)).toEqual({
            urn: here.urn(),
            message: "The registry does not show this password again; raise rotation to get one.",
        });
        expect(await signIn("imported", state.password)).toBe(200);
        if (!imported) throw new Error("Expected an import.");
        const rotated = await here.update(imported, { tokenId: state.tokenId, rotation: 2 });
        expect(await signIn("imported", rotated.state.password)).toBe(200);
        expect(await here.import(`${state.tokenId}/passwords/password4`)).toMatchObject({
            inputs: { rotation: 4 },
        });
    });

    test("of one that was never made finds nothing", async () => {
        const { tokenId } = await tokenNamed("never");
        expect(await passwords.import(`${tokenId}/passwords/password2`)).toBeUndefined();
    });
});

describe("whoever cannot sign in", () => {
    test.each([
        ["another application", { ARM_CLIENT_ID: "11111111-2222-3333-4444-555555555555" }, /AADSTS700016: /],
        ["a secret that is none", { ARM_CLIENT_SECRET: "a-secret-that-is-not-one" }, /AADSTS7000215: /],
    ])("as %s reads Entra's own refusal, and nobody else's account is tried", async (_, env, refusal) => {
        const stranger = await configuredProvider({}, env);
        const made = workOn(() => stranger, "RegistryTokenPassword").create({
            tokenId: `${registryId}/tokens/t`,
        });
        const message = await made.catch((error: Error) => error.message);
        expect(message).toMatch(refusal);
        expect(message).not.toContain("a-secret-that-is-not-one");
        expect(azure.environment).not.toHaveProperty("ARM_CLIENT_SECRET");
    });
});
