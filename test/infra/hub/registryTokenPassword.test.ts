import type { RegistryTokenPasswordInputs } from "../../../infra/hub/src/registryTokenPassword";
import { callManagement } from "../../../local/arm/managementCall";
import { callHubPackageIn } from "../../support/hubPackage";
import { startTestAzure, type TestAzure } from "../../support/localAzure";

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";
const registryId = `${group}/providers/Microsoft.ContainerRegistry/registries/registry1`;

let azure: TestAzure;
let loginServer: string;

const arm = <T>(method: string, path: string, body?: unknown) =>
    callManagement<T>(azure.stack.azure, method, path, body);

beforeAll(async () => {
    azure = await startTestAzure();
    await arm("PUT", group, { location: "westeurope" });
    const registry = await arm<{ properties: { loginServer: string } }>("PUT", registryId, {
        location: "westeurope",
        sku: { name: "Basic" },
    });
    loginServer = registry.properties.loginServer;
    const actions = ["repositories/app/content/read"];
    await arm("PUT", `${registryId}/scopeMaps/reads`, { properties: { actions } });
});
afterAll(() => azure?.remove());

async function inputsFor(token: string, rotation = 1): Promise<RegistryTokenPasswordInputs> {
    const tokenId = `${registryId}/tokens/${token}`;
    await arm("PUT", tokenId, { properties: { scopeMapId: `${registryId}/scopeMaps/reads` } });
    return { tokenId, rotation };
}

const call = (name: string, ...args: unknown[]) =>
    callHubPackageIn(azure.environment, "registryTokenPassword", name, ...args);

interface Made {
    value: { outs: RegistryTokenPasswordInputs & { password: string } };
}

async function signIn(token: string, password: string): Promise<number> {
    const basic = Buffer.from(`${token}:${password}`).toString("base64");
    const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
    return (await fetch(`http://${loginServer}/v2/`, { headers })).status;
}

describe("a password of a registry's token", () => {
    test("is made as whoever deploys, and opens the registry", async () => {
        const inputs = await inputsFor("created");
        const { value } = (await call("create", inputs)) as Made;
        expect(value).toEqual({
            id: inputs.tokenId,
            outs: { ...inputs, password: expect.stringMatching(/^\S{40,}$/) },
        });
        expect(await signIn("created", value.outs.password)).toBe(200);
    });

    test("stays as it is while the same is asked for, also when it is read", async () => {
        const inputs = await inputsFor("stable");
        const { outs } = ((await call("create", inputs)) as Made).value;
        expect(await call("diff", inputs.tokenId, outs, inputs)).toEqual({
            value: { changes: false, replaces: [], deleteBeforeReplace: false },
        });
        expect(await call("read", inputs.tokenId, outs)).toEqual({
            value: { id: inputs.tokenId, props: outs, inputs },
        });
        expect(await signIn("stable", outs.password)).toBe(200);
    });

    test("is another one after each rotation, and the one before goes on until the next", async () => {
        const first = await inputsFor("rotated");
        const passwords = [((await call("create", first)) as Made).value.outs.password];
        for (const rotation of [2, 3]) {
            const olds = { ...first, rotation: rotation - 1, password: passwords.at(-1) };
            const news = { ...first, rotation };
            expect(await call("diff", first.tokenId, olds, news)).toMatchObject({
                value: { changes: true, replaces: [] },
            });
            passwords.push(((await call("update", first.tokenId, olds, news)) as Made).value.outs.password);
            const [before = "", now = ""] = passwords.slice(-2);
            expect([await signIn("rotated", before), await signIn("rotated", now)]).toEqual([200, 200]);
        }
        expect(await signIn("rotated", passwords[0] ?? "")).toBe(401);
        expect(new Set(passwords).size).toBe(3);
    });

    test("belongs to one token: another needs another", async () => {
        const olds = { tokenId: `${registryId}/tokens/one`, rotation: 1, password: "p" };
        for (const tokenId of [`${registryId}/tokens/two`, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"]) {
            expect(await call("diff", olds.tokenId, olds, { tokenId, rotation: 1 })).toMatchObject({
                value: { changes: true, replaces: ["tokenId"] },
            });
        }
    });

    test("is read as gone with its token, its registry, or alone", async () => {
        const inputs = await inputsFor("deleted");
        const gone = { value: { id: "", props: {} } };
        expect(await call("read", inputs.tokenId, { ...inputs, password: "never generated" })).toEqual(gone);
        const { outs } = ((await call("create", inputs)) as Made).value;
        await arm("DELETE", inputs.tokenId);
        expect(await call("read", inputs.tokenId, outs)).toEqual(gone);
        const elsewhere = `${registryId}x/tokens/deleted`;
        expect(await call("read", elsewhere, { ...outs, tokenId: elsewhere })).toEqual(gone);
        expect(await call("remove", inputs.tokenId, outs)).toEqual({});
    });

    test("of a token that is not there is refused in ARM's words, without another password in them", async () => {
        const { error } = await call("create", { tokenId: `${registryId}/tokens/nobody`, rotation: 1 });
        expect(error).toMatch(
            /^Expected Azure to carry out POST .*\/generateCredentials, found 404 TokenNotFound: /,
        );
        expect((await call("create", { tokenId: "registry1", rotation: 1 })).error).toBe(
            'Expected a token\'s id of the form …/registries/NAME/tokens/NAME, found "registry1".',
        );
    });
});

describe("whoever cannot sign in", () => {
    const create = (env: NodeJS.ProcessEnv) =>
        callHubPackageIn(env, "registryTokenPassword", "create", {
            tokenId: `${registryId}/tokens/t`,
            rotation: 1,
        });

    test("reads Entra's own refusal, and nobody else's account is tried", async () => {
        const AZURE_CLIENT_ID = "11111111-2222-3333-4444-555555555555";
        const { error } = await create({ ...azure.environment, AZURE_CLIENT_ID });
        expect(error).toMatch(
            /^Expected https:\/\/localhost:\d+ to issue a token for .*found: AADSTS700016: /,
        );
        expect(error).toMatch(/was not found in the directory '[0-9-]+'\. Sign in with: az login$/);
    });

    test("with a service principal's secret, as azure-native takes it, is refused without the secret in the words", async () => {
        const principal = {
            ARM_TENANT_ID: "00000000-0000-0000-0000-000000000001",
            ARM_CLIENT_ID: "00000000-0000-0000-0000-000000000002",
            ARM_CLIENT_SECRET: "a-secret-that-is-not-one",
        };
        const { error } = await create({ ...azure.environment, ...principal });
        expect(error).toMatch(/AADSTS7000218/);
        expect(error).not.toContain("a-secret-that-is-not-one");
    });
});
