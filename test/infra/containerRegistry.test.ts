import { ContainerRegistry } from "../../infra/containerRegistry";
import { mockEngine, type RegisteredResource, settled } from "../support/pulumiMocks";

const theirs =
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/their-group/providers/Microsoft.ContainerRegistry/registries/theirs";

let resources: RegisteredResource[];

beforeEach(async () => {
    resources = await mockEngine("dev", { "azure-native:location": "westeurope" });
});

async function made(args: Partial<ConstructorParameters<typeof ContainerRegistry>[1]> = {}) {
    const registry = new ContainerRegistry("registry", {
        resourceGroupName: "group",
        repository: "classifier",
        ...args,
    });
    for (const { password } of [registry.pull, registry.push]) await settled(password);
    return registry;
}

const inputsOf = (type: string) =>
    Object.fromEntries(
        resources.filter((one) => one.type.endsWith(`:${type}`)).map(({ name, inputs }) => [name, inputs]),
    );

describe("the container registry", () => {
    test("is of the Basic tier and has no admin account", async () => {
        await made();
        expect(inputsOf("Registry").registry).toMatchObject({
            sku: { name: "Basic" },
            adminUserEnabled: false,
        });
    });

    test("lets the device pull one repository, and only the builder push to it", async () => {
        await made();
        const maps = inputsOf("ScopeMap");
        expect(maps["registry-pull"]?.actions).toEqual([
            "repositories/classifier/content/read",
            "repositories/classifier/metadata/read",
        ]);
        expect(maps["registry-push"]?.actions).toEqual([
            "repositories/classifier/content/read",
            "repositories/classifier/content/write",
        ]);
        for (const role of ["pull", "push"])
            expect(inputsOf("Token")[`registry-${role}`]?.scopeMapId).toBe(`registry-${role}-id`);
    });

    test("gives each its own user name and password, which are secret", async () => {
        const { pull, push, loginServer } = await made();
        expect((await settled(loginServer)).value).toBe("registry.azurecr.io");
        expect((await settled(pull.username)).value).toBe("registry-pull");
        expect(await settled(pull.password)).toEqual({ value: "a-password-of-registry-pull", secret: true });
        expect(await settled(push.password)).toEqual({ value: "a-password-of-registry-push", secret: true });
    });

    test("begins with the first rotation, and hands a later one to both passwords", async () => {
        await made();
        expect(inputsOf("RegistryTokenPassword")["registry-pull"]).toMatchObject({ rotation: 1 });
        resources.length = 0;
        await made({ rotation: 7 });
        for (const role of ["pull", "push"])
            expect(inputsOf("RegistryTokenPassword")[`registry-${role}`]).toMatchObject({
                tokenId: `registry-${role}-id`,
                rotation: 7,
            });
    });

    test("that exists already only gets tokens, where it lies", async () => {
        const { loginServer } = await made({ existingId: theirs });
        expect((await settled(loginServer)).value).toBe("theirs.azurecr.io");
        expect(inputsOf("Registry")).toEqual({});
        for (const type of ["ScopeMap", "Token"])
            expect(inputsOf(type)["registry-pull"]).toMatchObject({
                resourceGroupName: "their-group",
                registryName: "theirs",
            });
    });

    test.each([
        ["theirs"],
        [theirs.replace("registries", "registriesx")],
        [theirs.replace("Microsoft.ContainerRegistry/registries", "Microsoft.Devices/IotHubs")],
    ])("is not found by the id %s", (existingId) => {
        expect(
            () => new ContainerRegistry("registry", { resourceGroupName: "g", repository: "r", existingId }),
        ).toThrow(
            `Expected an id of the form /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/NAME, found "${existingId}".`,
        );
    });
});
