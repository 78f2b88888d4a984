import { execFileSync } from "node:child_process";
import { childEnvironment, localEnvironment, shellLines } from "../../../local/engine/environment";
import { temporaryStack } from "../../support/localAzure";

const stack = temporaryStack();
const environmentFrom = (current: NodeJS.ProcessEnv) =>
    localEnvironment(stack, "/engine", "https://localhost:8442", current);

describe("the environment of a local stack", () => {
    test("signs in to the local Azure by a file, with no secret in a variable", () => {
        const { set } = environmentFrom({ PATH: "/bin" });
        expect(set).toMatchObject({
            ARM_METADATA_HOSTNAME: "localhost:8442",
            ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000000",
            ARM_TENANT_ID: "00000000-0000-0000-0000-000000000001",
            ARM_CLIENT_ID: "00000000-0000-0000-0000-000000000002",
            ARM_USE_OIDC: "true",
            ARM_OIDC_TOKEN_FILE_PATH: `${stack.azure}/federated-token`,
        });
        expect(Object.keys(set).filter((name) => /SECRET|PASSWORD|TOKEN$/.test(name))).toEqual([]);
    });

    test("takes out every variable of another account, and keeps none of its values", () => {
        const foreign = {
            ARM_CLIENT_SECRET: "theirs-1",
            ARM_CLIENT_ID: "theirs-2",
            AZURE_CLIENT_SECRET: "theirs-3",
            AZURE_CLIENT_ID: "theirs-4",
            ARM_METADATA_HOSTNAME: "theirs-5",
            ARM_USE_MSI: "theirs-6",
            PULUMI_ACCESS_TOKEN: "theirs-7",
        };
        const local = environmentFrom(foreign);
        expect(local.unset.sort()).toEqual([
            "ARM_CLIENT_SECRET",
            "ARM_USE_MSI",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "PULUMI_ACCESS_TOKEN",
        ]);
        expect(JSON.stringify(childEnvironment(local, foreign))).not.toContain("theirs-");
        expect(shellLines(local)).not.toContain("theirs-");
    });

    test("is the same where it is set already", () => {
        const once = environmentFrom({ PATH: "/bin" });
        const again = environmentFrom({ ...once.set, PATH: "/bin" });
        expect(again).toEqual(once);
    });

    test("asks localhost without the proxy that this machine uses", () => {
        const { set } = environmentFrom({ HTTPS_PROXY: "http://proxy:3128", no_proxy: "intranet" });
        expect(set).toMatchObject({ NO_PROXY: "intranet,localhost", no_proxy: "intranet,localhost" });
        expect(environmentFrom({}).set).not.toHaveProperty("NO_PROXY");
    });

    test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
        "does so for a proxy named by %s",
        (name) => {
            const { set } = environmentFrom({ [name]: "http://proxy:3128" });
            expect(set).toMatchObject({ NO_PROXY: "localhost", no_proxy: "localhost" });
        },
    );

    test("keeps exceptions of either spelling, each once, and one for plain HTTP counts for nothing", () => {
        const proxy = { HTTPS_PROXY: "http://proxy:3128" };
        const exceptions = (current: NodeJS.ProcessEnv) =>
            environmentFrom({ ...proxy, ...current }).set.NO_PROXY;
        expect(exceptions({ NO_PROXY: "a,localhost", no_proxy: "b" })).toBe("a,localhost");
        expect(exceptions({ no_proxy: "b,c" })).toBe("b,c,localhost");
        expect(environmentFrom({ http_proxy: "http://proxy:3128" }).set).not.toHaveProperty("NO_PROXY");
    });

    test("leads to this stack alone, and its engine goes before any other", () => {
        const { set } = environmentFrom({
            PATH: "/bin",
            PULUMI_HOME: "/theirs",
            PULUMI_BACKEND_URL: "s3://theirs",
        });
        expect(set).toMatchObject({
            PATH: "/engine/bin:/bin",
            PULUMI_HOME: stack.pulumiHome,
            PULUMI_BACKEND_URL: `file://${stack.state}?metadata=skip`,
            PULUMI_CONFIG_PASSPHRASE_FILE: stack.passphraseFile,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
            NODE_EXTRA_CA_CERTS: stack.caBundle,
            EDGE_LOCAL_AZURE: stack.azure,
        });
        expect(environmentFrom({}).set.PATH).toBe("/engine/bin");
    });

    test("is written for a shell in quotes that nothing gets out of", () => {
        const lines = shellLines({ set: { A: "it's $HOME `x`" }, unset: ["B"] });
        const script = `B=1; ${lines}\nprintf '%s|%s' "$A" "\${B-none}"`;
        expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe("it's $HOME `x`|none");
    });
});
