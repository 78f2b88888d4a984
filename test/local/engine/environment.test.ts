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

    const named = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"];
    test.each(named.flatMap((name) => [name, name.toUpperCase()]))(
        "asks what is on this machine without the proxy that %s names",
        (name) => {
            const local = "localhost,127.0.0.1,::1,[::1]";
            const { set } = environmentFrom({ [name]: "http://proxy:3128" });
            expect(set).toMatchObject({ NO_PROXY: local, no_proxy: local, no_grpc_proxy: local });
            expect(environmentFrom({}).set).not.toHaveProperty("NO_PROXY");
        },
    );

    test("keeps exceptions of either spelling, each once", () => {
        const { set } = environmentFrom({
            HTTPS_PROXY: "http://p",
            NO_PROXY: "a,localhost",
            no_proxy: "b, c",
        });
        expect(set.NO_PROXY).toBe("a,localhost,b,c,127.0.0.1,::1,[::1]");
    });

    test("names no proxy at all where every host is an exception, which not all understand", () => {
        for (const name of ["no_proxy", "NO_PROXY"]) {
            const current = { https_proxy: "http://p", HTTP_PROXY: "http://p", [name]: "*" };
            expect(childEnvironment(environmentFrom(current), current)).not.toHaveProperty("https_proxy");
            expect(childEnvironment(environmentFrom(current), current)).not.toHaveProperty("HTTP_PROXY");
        }
    });

    test("leads to its state in a folder of any name", () => {
        const odd = { ...stack, state: "/home/é x/a#b%41?" };
        const { set } = localEnvironment(odd, "/engine", "https://localhost:8442", {});
        expect(set.PULUMI_BACKEND_URL).toBe("file:///home/%C3%A9%20x/a%23b%2541%3F?metadata=skip");
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
