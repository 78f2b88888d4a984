import type * as pulumi from "@pulumi/pulumi";
import { readConfig } from "../../infra/config";
import { mockEngine, settled } from "../support/pulumiMocks";

async function configOf(settings: Record<string, string>, secrets: Record<string, string> = {}) {
    const named = (some: Record<string, string>) =>
        Object.fromEntries(Object.entries(some).map(([key, value]) => [`edge-classifier:${key}`, value]));
    await mockEngine("dev", { ...named(settings), ...named(secrets) }, Object.keys(named(secrets)));
    return readConfig({});
}
const isSecret = async (value: unknown) => (await settled(value as pulumi.Output<unknown>)).secret;

const registry = (password: string) => ({ address: "r.example", username: "u", password });
const secretValues: Record<string, string> = {
    moduleSecrets: JSON.stringify({ PREDICTION_KEY: "hunter2", PREDICTION_KEY_2: "hunter2" }),
    extraRegistries: JSON.stringify({ a: registry("hunter2"), b: registry("hunter2") }),
    devicePrivateKey: "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
};

describe("of what a stack keeps secret", () => {
    test.each(["PREDICTION_KEY", "PREDICTION_KEY_2", "Password", "apikey", "Connection_String"])(
        "each value is secret, whatever it is called and whichever comes first: %s",
        async (name) => {
            for (const names of [
                [name, "OTHER"],
                ["OTHER", name],
            ]) {
                const moduleSecrets = JSON.stringify(
                    Object.fromEntries(names.map((one) => [one, "hunter2"])),
                );
                const config = await configOf({}, { moduleSecrets });
                for (const one of names) expect(await isSecret(config.moduleSecrets[one])).toBe(true);
            }
        },
    );

    test("each registry's password is", async () => {
        const { extraRegistries } = await configOf(
            {},
            { extraRegistries: secretValues.extraRegistries ?? "" },
        );
        for (const name of ["a", "b"]) {
            expect(await settled(extraRegistries[name]?.password as pulumi.Output<string>)).toEqual({
                value: "hunter2",
                secret: true,
            });
            expect(extraRegistries[name]).toMatchObject({ address: "r.example", username: "u" });
        }
    });

    test.each(Object.entries(secretValues))("%s is refused in clear, and not shown", async (key, value) => {
        const refusal = await configOf({ [key]: value }).catch((error: Error) => error.message);
        expect(refusal).toBe(
            `Expected config \`${key}\` to be secret, found it in clear. Set it with: pulumi config set --secret ${key} VALUE`,
        );
    });

    test.each<[string, string]>([
        ["moduleSecrets", '"hunter2"'],
        ["moduleSecrets", "hunter2"],
        ["moduleSecrets", '["hunter2"]'],
        ["moduleSecrets", '{"A":["hunter2"]}'],
        ["moduleSecrets", '{"A":{"B":"hunter2"}}'],
        ["moduleSecrets", '{"A B":"hunter2"}'],
        ["extraRegistries", "hunter2"],
        ["extraRegistries", '"hunter2"'],
        ["extraRegistries", '{"a":"hunter2"}'],
        ["extraRegistries", '{"a":{"address":"r.example","username":"u","password":["hunter2"]}}'],
        ["extraRegistries", '{"a":{"address":"https://r.example","username":"u","password":"hunter2"}}'],
        ["extraRegistries", '{"a":{"address":"r.example","username":"u","password":"hunter2","more":1}}'],
        ["extraRegistries", '{"registry":{"address":"r.example","username":"u","password":"hunter2"}}'],
        ["devicePrivateKey", "hunter2"],
        ["proxy", "http://u:hunter2@proxy.example/path"],
    ])("a wrong %s is refused without being shown: %s", async (key, value) => {
        const refusal = await configOf({}, { [key]: value }).catch((error: Error) => error.message);
        expect(refusal).toMatch(new RegExp(`^Expected .*${key}`));
        expect(refusal).not.toContain("hunter2");
    });

    test.each<[string, string]>([
        ["moduleEnv", '{"A":["hunter2"]}'],
        ["moduleEnv", '{"A":{"value":"hunter2"}}'],
        ["extraModules", '{"m":{"image":"i:1","env":{"A":["hunter2"]}}}'],
        ["extraModules", '{"m":{"image":"i:1","env":"hunter2"}}'],
    ])("a wrong environment is not shown either, since it may be: %s=%s", async (key, value) => {
        const refusal = await configOf({ [key]: value }).catch((error: Error) => error.message);
        expect(refusal).toMatch(new RegExp(`^Expected .*${key}`));
        expect(refusal).not.toContain("hunter2");
    });
});
