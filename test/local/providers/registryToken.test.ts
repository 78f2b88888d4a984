import { callManagement } from "../../../local/arm/managementCall";
import type { Properties } from "../../../local/arm/resourceType";
import { startTestAzure, type TestAzure } from "../../support/localAzure";
import { startPlugin, type TestPlugin, urnOf } from "../../support/plugin";
import { until } from "../../support/waiting";

const urns = {
    group: urnOf("azure-native:resources:ResourceGroup", "rg"),
    registry: urnOf("azure-native:containerregistry:Registry", "registry"),
    scopeMap: urnOf("azure-native:containerregistry:ScopeMap", "registry-pull"),
    token: urnOf("azure-native:containerregistry:Token", "registry-pull"),
    hub: urnOf("azure-native:iothub:IotHubResource", "hub"),
};
const place = { resourceGroupName: "group", registryName: "registry1" };
const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";
const registryId = `${group}/providers/Microsoft.ContainerRegistry/registries/registry1`;
const read = ["repositories/app/content/read", "repositories/app/metadata/read"];

let azure: TestAzure;
let plugin: TestPlugin;
let loginServer: string;

beforeAll(async () => {
    azure = await startTestAzure();
    plugin = await startPlugin("azure-native", "3.28.0", azure.stack.azure);
    await plugin.configure({ "azure-native:config:location": "westeurope" });
    await make("group", { resourceGroupName: "group" });
    const { properties } = await make("registry", { ...place, sku: { name: "Basic" } });
    loginServer = String(properties.loginServer);
});
afterAll(async () => {
    await plugin?.stop();
    await azure?.remove();
});

async function make(kind: keyof typeof urns, news: Properties) {
    const { inputs, failures } = await plugin.check(urns[kind], news);
    expect(failures).toEqual([]);
    return { inputs, ...(await plugin.create(urns[kind], inputs)) };
}

async function makeToken(name: string, actions = read) {
    const scopeMap = await make("scopeMap", { ...place, scopeMapName: `${name}-map`, actions });
    const token = await make("token", { ...place, tokenName: name, scopeMapId: scopeMap.id });
    return { scopeMap, token };
}

interface Generated {
    username: string;
    passwords: { name: string; value: string; creationTime: string; expiry?: string }[];
}

function generate(body: Properties): Promise<Generated> {
    return callManagement(azure.stack.azure, "POST", `${registryId}/generateCredentials`, body);
}

async function passwordOf(tokenId: string, name: string): Promise<string> {
    const { passwords } = await generate({ tokenId, name });
    return passwords[0]?.value ?? "";
}

/** What the registry answers to somebody who signs in. */
async function signIn(username: string, password: string): Promise<number> {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
    return (await fetch(`http://${loginServer}/v2/`, { headers })).status;
}

describe("a scope map", () => {
    test("takes names and actions of the service's form", async () => {
        const { inputs } = await plugin.check(urns.scopeMap, { ...place, actions: read });
        expect(inputs.scopeMapName).toBe("registry-pull01020304");
        const { failures } = await plugin.check(urns.scopeMap, {
            ...place,
            actions: read,
            scopeMapName: "a.b",
        });
        expect(failures).toEqual([expect.stringContaining("expected 5 to 50 letters, digits")]);
        const missing = await plugin.check(urns.scopeMap, place);
        expect(missing.failures).toEqual(["missing required property 'actions'"]);
    });

    test.each([
        ["no action", []],
        ["a right that no repository has", ["repositories/app/content/admin"]],
        ["a repository without a name", ["repositories//content/read"]],
        ["a repository in capitals", ["repositories/App/content/read"]],
        ["anything else", ["registry/catalog/*"]],
    ])("with %s is refused", async (_, actions) => {
        await expect(make("scopeMap", { ...place, scopeMapName: "wrong", actions })).rejects.toThrow(
            "InvalidScopeMapActions",
        );
    });

    test("cannot go while a token uses it, and what it allows changes in place", async () => {
        const { scopeMap, token } = await makeToken("used-map");
        await expect(plugin.delete(urns.scopeMap, scopeMap.id, scopeMap.inputs)).rejects.toThrow(
            "is used by used-map",
        );
        const actions = ["repositories/other/content/read"];
        const diff = await plugin.diff(urns.scopeMap, scopeMap.inputs, { ...scopeMap.inputs, actions });
        expect(diff.replaces).toEqual([]);
        const password = await passwordOf(token.id, "password1");
        const tags = (repository: string) =>
            fetch(`http://${loginServer}/v2/${repository}/manifests/v1`, {
                headers: {
                    Authorization: `Basic ${Buffer.from(`used-map:${password}`).toString("base64")}`,
                    Connection: "close",
                },
            }).then(({ status }) => status);
        expect([await tags("app"), await tags("other")]).toEqual([404, 403]);
        await plugin.update(urns.scopeMap, scopeMap.id, scopeMap.properties, { ...scopeMap.inputs, actions });
        expect([await tags("app"), await tags("other")]).toEqual([403, 404]);
    });
});

describe("a token", () => {
    test("needs a scope map of its own registry that exists", async () => {
        const { scopeMap } = await makeToken("needs-map");
        for (const scopeMapId of [`${registryId}/scopeMaps/nowhere`, `${registryId}/scopeMaps/../x`])
            await expect(make("token", { ...place, tokenName: "wrong", scopeMapId })).rejects.toThrow(
                "InvalidResourceReference",
            );
        await expect(make("token", { ...place, tokenName: "wrong" })).rejects.toThrow("InvalidScopeMapId");
        await make("registry", { ...place, registryName: "registry2", sku: { name: "Basic" } });
        await expect(
            make("token", {
                ...place,
                registryName: "registry2",
                tokenName: "wrong",
                scopeMapId: scopeMap.id,
            }),
        ).rejects.toThrow("InvalidScopeMapId");
    });

    test("has no password until one is generated, and shows when it was and never what it is", async () => {
        const { token } = await makeToken("shows-none");
        expect(token.properties.credentials).toEqual({ passwords: [] });
        const { username, passwords } = await generate({ tokenId: token.id });
        expect(username).toBe("shows-none");
        expect(passwords.map(({ name }) => name)).toEqual(["password1", "password2"]);
        const shown = await callManagement<Properties>(azure.stack.azure, "GET", token.id);
        expect(JSON.stringify(shown)).toContain(`"name":"password2","creationTime":"`);
        for (const { value } of passwords) {
            expect(await signIn("shows-none", value)).toBe(200);
            expect(JSON.stringify(shown)).not.toContain(value);
        }
    });

    test("keeps one password while the other is renewed, and loses the one whose name is generated again", async () => {
        const { token } = await makeToken("rotates");
        const first = await passwordOf(token.id, "password1");
        const second = await passwordOf(token.id, "password2");
        expect([await signIn("rotates", first), await signIn("rotates", second)]).toEqual([200, 200]);
        const third = await passwordOf(token.id, "password1");
        expect([
            await signIn("rotates", first),
            await signIn("rotates", second),
            await signIn("rotates", third),
        ]).toEqual([401, 200, 200]);
    });

    test("keeps its passwords when it is updated, and opens nothing while it is disabled", async () => {
        const { token } = await makeToken("disabled");
        const password = await passwordOf(token.id, "password1");
        const update = (status: string) =>
            plugin.update(urns.token, token.id, token.properties, { ...token.inputs, status });
        await update("disabled");
        expect(await signIn("disabled", password)).toBe(401);
        await update("enabled");
        expect(await signIn("disabled", password)).toBe(200);
        await expect(update("off")).rejects.toThrow("InvalidTokenStatus");
    });

    test("that is deleted opens nothing, and its name begins anew without a password", async () => {
        const { scopeMap, token } = await makeToken("deleted");
        const password = await passwordOf(token.id, "password1");
        await plugin.delete(urns.token, token.id, token.inputs);
        expect(await signIn("deleted", password)).toBe(401);
        await make("token", { ...place, tokenName: "deleted", scopeMapId: scopeMap.id });
        expect(await signIn("deleted", password)).toBe(401);
    });

    test("has passwords that end when they are said to", async () => {
        const { token } = await makeToken("expires");
        const soon = new Date(Date.now() + 2000).toISOString();
        const { passwords } = await generate({ tokenId: token.id, name: "password1", expiry: soon });
        expect(passwords[0]?.expiry).toBe(soon);
        const lasting = await passwordOf(token.id, "password2");
        await until(
            "the end of the password",
            async () => (await signIn("expires", passwords[0]?.value ?? "")) === 401,
        );
        expect(await signIn("expires", lasting)).toBe(200);
    });
});

test.each([
    ["a token that is not there", { tokenId: `${registryId}/tokens/nobody` }, "TokenNotFound"],
    ["no token", {}, "TokenNotFound"],
    ["a password of another name", { name: "password3" }, "InvalidPasswordName"],
    ["a time that has passed", { expiry: "2020-01-01T00:00:00Z" }, "InvalidExpiry"],
    ["a time that is none", { expiry: "soon" }, "InvalidExpiry"],
])("generating credentials for %s is refused", async (_, change, code) => {
    const tokenId = `${registryId}/tokens/for-refusals`;
    await makeToken("for-refusals").catch(() => {}); // Made by the first of these tests.
    const body = "tokenId" in change || Object.keys(change).length === 0 ? change : { tokenId, ...change };
    await expect(generate(body)).rejects.toThrow(code);
});

test("the admin account opens the registry only while it is enabled", async () => {
    const named = { ...place, registryName: "registry3" };
    const { id, inputs, properties } = await make("registry", {
        ...named,
        sku: { name: "Basic" },
        adminUserEnabled: true,
    });
    const credentials = "azure-native:containerregistry:listRegistryCredentials";
    const { passwords } = (await plugin.invoke(credentials, named)) as unknown as Generated;
    const ask = async () => {
        const basic = Buffer.from(`registry3:${passwords[0]?.value}`).toString("base64");
        const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
        return (await fetch(`http://${properties.loginServer}/v2/`, { headers })).status;
    };
    expect(await ask()).toBe(200);
    await plugin.update(urns.registry, id, properties, { ...inputs, adminUserEnabled: false });
    expect(await ask()).toBe(401);
});

test("what exists already is found by its name, and what does not is an error", async () => {
    expect(await plugin.invoke("azure-native:containerregistry:getRegistry", place)).toMatchObject({
        id: registryId,
        name: "registry1",
        loginServer,
        sku: { name: "Basic" },
    });
    const hub = { resourceGroupName: "group", resourceName: "hub-found" };
    const { properties } = await make("hub", { ...hub, sku: { name: "S1", capacity: 1 } });
    const found = await plugin.invoke("azure-native:iothub:getIotHubResource", hub);
    expect(found).toMatchObject({
        name: "hub-found",
        sku: { name: "S1" },
        properties: properties.properties,
    });
    await expect(
        plugin.invoke("azure-native:iothub:getIotHubResource", { ...hub, resourceName: "nowhere" }),
    ).rejects.toThrow("ResourceNotFound");
});
