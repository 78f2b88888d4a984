import {
    type Created,
    create,
    type Inputs,
    newGroup,
    newIdentity,
    read,
    remove,
    removeGroup,
    update,
    useLocalAzure,
} from "./machineParts";

useLocalAzure();

describe("an identity", () => {
    test("keeps its ids", async () => {
        const identity = await newIdentity(await newGroup());
        const { principalId, clientId } = identity.outputs;
        expect(principalId).not.toBe(clientId);
        expect(await update(identity, { tags: { team: "fruit" } })).toMatchObject({ principalId, clientId });
    });
});

describe("a vault", () => {
    const properties = { tenantId: "t", sku: { family: "A", name: "standard" }, accessPolicies: [] };
    const newVault = async (vaultName: string, change: Inputs = {}, group?: string) =>
        create("keyvault:Vault", {
            resourceGroupName: group ?? (await newGroup()),
            vaultName,
            properties: { ...properties, ...change },
        });
    const newSecret = (vault: Created, secret: Inputs = { value: "a-value" }) =>
        create("keyvault:Secret", {
            resourceGroupName: vault.inputs.resourceGroupName,
            vaultName: vault.outputs.name,
            secretName: "key",
            properties: secret,
        });

    test("has its address, and Azure's retention where none is chosen", async () => {
        const { outputs } = await newVault("vault-plain");
        expect(outputs.properties).toMatchObject({
            vaultUri: "https://vault-plain.vault.azure.net/",
            softDeleteRetentionInDays: 90,
        });
    });

    test("keeps its name for a while after it was deleted", async () => {
        const vault = await newVault("vault-deleted");
        await remove(vault);
        await expect(newVault("vault-deleted")).rejects.toThrow(
            "A vault with the same name already exists in deleted state.",
        );
        await newVault("vault-deleted", { createMode: "recover" });
    });

    test("keeps its name when its group was deleted, too", async () => {
        const group = await newGroup();
        await newSecret(await newVault("vault-in-group", {}, group));
        await removeGroup(group);
        await expect(newVault("vault-in-group")).rejects.toThrow('Code="ConflictError"');
    });

    test.each([
        ["no tier", { sku: {} }, "a sku of family A"],
        ["no directory", { tenantId: "" }, "to have a tenantId"],
        ["a retention of a day", { softDeleteRetentionInDays: 1 }, "from 7 to 90, found 1"],
        ["purge protection switched off", { enablePurgeProtection: false }, "cannot be set to false"],
    ])("is refused with %s", async (_what, change, error) => {
        await expect(newVault("vault-wrong", change)).rejects.toThrow(error);
    });

    test("is refused without policies, and does not change its retention", async () => {
        const resourceGroupName = await newGroup();
        const { accessPolicies: _, ...rest } = properties;
        await expect(create("keyvault:Vault", { resourceGroupName, properties: rest })).rejects.toThrow(
            "accessPolicies is not specified",
        );
        const vault = await newVault("vault-fixed", { softDeleteRetentionInDays: 7 });
        await expect(
            update(vault, { properties: { ...properties, softDeleteRetentionInDays: 8 } }),
        ).rejects.toThrow("can't be modified");
    });

    test("never tells a secret's value, and names each version", async () => {
        const secret = await newSecret(await newVault("vault-secret"), { value: "a-value" });
        expect(JSON.stringify(secret.outputs)).not.toContain("a-value");
        const { secretUri, secretUriWithVersion } = secret.outputs.properties;
        expect(secretUri).toBe("https://vault-secret.vault.azure.net/secrets/key");
        const updated = await update(secret, { properties: { value: "other" } });
        expect(updated.properties).toMatchObject({ secretUri });
        expect(updated.properties).not.toMatchObject({ secretUriWithVersion });
        expect((await read(secret)).inputs).toMatchObject({ properties: { value: "a-value" } });
    });

    test("lets whoever deploys delete no secret by itself, and takes it along", async () => {
        const vault = await newVault("vault-along");
        const secret = await newSecret(vault);
        await expect(remove(secret)).rejects.toThrow(
            "does not have secrets delete permission on key vault 'vault-along'",
        );
        await remove(vault);
        expect((await read(secret)).id).toBe("");
    });

    test("takes no secret without a value, and none when it is not there", async () => {
        const vault = await newVault("vault-empty");
        await expect(newSecret(vault, {})).rejects.toThrow("to have 1 to 25600 characters");
        await remove(vault);
        await expect(newSecret(vault)).rejects.toThrow("Parent resource 'vault-empty' not found.");
    });
});
