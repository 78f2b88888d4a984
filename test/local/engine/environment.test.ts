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
});
