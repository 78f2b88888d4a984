import { passwordHash, type RegistryUser } from "../../../local/planes/registry/authorization";
import { startTestModel, type TestModel } from "./testModel";

const registry = "Microsoft.ContainerRegistry/registries/registry1";
const started: TestModel[] = [];
afterAll(async () => {
    for (const one of started) await one.close();
});

/** A registry with one token in an Azure where a renewed password is late by so many milliseconds. */
async function withToken(lateMs: number) {
    const model = await startTestModel(undefined, undefined, () => lateMs);
    started.push(model);
    await model.put(registry, { sku: { name: "Basic" } });
    await model.put(`${registry}/scopeMaps/reads`, {
        properties: { actions: ["repositories/app/content/read"] },
    });
    const { id: scopeMapId } = model.get(`${registry}/scopeMaps/reads`);
    const { id: tokenId } = await model.put(`${registry}/tokens/puller`, { properties: { scopeMapId } });
    const { id } = model.get(registry);
    const settings = model.running.get(id)?.settings as { users(): RegistryUser[] } | undefined;
    return {
        /** Makes a password anew, and says whether it opens the registry at once. */
        renew(name: "password1" | "password2"): boolean {
            const { passwords } = model.post(`${registry}/generateCredentials`, { tokenId, name });
            const [made] = (passwords as { name: string; value: string }[]).filter(
                (one) => one.name === name,
            );
            return settings?.users()[0]?.passwordHashes.includes(passwordHash(made?.value ?? "")) ?? false;
        },
    };
}

test("a new password opens a registry at once, and one that takes the place of another is late", async () => {
    const token = await withToken(60_000);
    expect([token.renew("password1"), token.renew("password2")]).toEqual([true, true]);
    expect([token.renew("password1"), token.renew("password2")]).toEqual([false, false]);
});

test("where Azure is not unfriendly, every password opens it at once", async () => {
    const token = await withToken(0);
    expect([token.renew("password1"), token.renew("password1")]).toEqual([true, true]);
});
