import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callManagement } from "../../../../local/arm/managementCall";
import { federatedTokenFile, readEndpoints } from "../../../../local/endpoints";
import { startTestAzure, type TestAzure } from "../../../support/localAzure";
import { selfSigned } from "./selfSigned";
import { type Question, signIn, withoutAccounts } from "./signIn";

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";
const readGroup: Question = { arm: { method: "GET", path: group, apiVersion: "2024-03-01" } };
const hubs = "https://iothubs.azure.net";

let azure: TestAzure;
beforeAll(async () => {
    azure = await startTestAzure();
    await callManagement(azure.stack.azure, "PUT", group, { location: "westeurope" });
});
afterAll(() => azure?.remove());

/** The variables of `local env` that azure-native has; none of the SDK's own. */
function localVariables(): NodeJS.ProcessEnv {
    const names = Object.entries(azure.environment).filter(([name]) => name.startsWith("ARM_"));
    return { ...Object.fromEntries(names), NODE_EXTRA_CA_CERTS: azure.environment.NODE_EXTRA_CA_CERTS };
}
const ask = (changed: NodeJS.ProcessEnv, questions: Question[], config = {}) =>
    signIn({ env: withoutAccounts({ ...localVariables(), ...changed }), config, questions });

function claimsOf(token: unknown): object {
    return JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());
}

describe("the local Azure", () => {
    test("is signed in to by azure-native's own variables, and answers as ARM", async () => {
        const { answers } = await ask({}, [readGroup, { resource: hubs }]);
        expect(answers[0]).toMatchObject({ value: { name: "group", location: "westeurope" } });
        expect(claimsOf(answers[1]?.value)).toMatchObject({
            aud: hubs,
            appid: "00000000-0000-0000-0000-000000000002",
        });
    });

    test("takes the token itself instead of its file, which then need not be there", async () => {
        const oidcToken = readFileSync(federatedTokenFile(azure.stack.azure), "utf8");
        const { answers } = await ask({ ARM_OIDC_TOKEN_FILE_PATH: "/nowhere" }, [readGroup], { oidcToken });
        expect(answers).toMatchObject([{ value: { name: "group" } }]);
    });

    test("refuses another application in Entra's words", async () => {
        const { answers } = await ask({ ARM_CLIENT_ID: "11111111-2222-3333-4444-555555555555" }, [readGroup]);
        expect(answers[0]?.error).toMatch(
            / by OpenID Connect, found: AADSTS700016: .* Compare issuer and subject/,
        );
    });

    test("refuses a token of somebody else, and shows nothing of it", async () => {
        const { answers, all } = await ask({ ARM_OIDC_TOKEN: "e30.e30.a-f0rgery" }, [readGroup]);
        expect(answers[0]?.error).toMatch(/found: AADSTS700027: /);
        expect(all).not.toContain("a-f0rgery");
    });

    test("refuses a secret that was not added to the application, and shows nothing of it", async () => {
        const { answers, all } = await ask({ ARM_CLIENT_SECRET: "s3cret" }, [readGroup]);
        expect(answers[0]?.error).toMatch(/ by a client secret, found: AADSTS7000215: /);
        expect(all).not.toContain("s3cret");
    });

    test("takes a secret and a certificate that were added to the application", async () => {
        const credentials = join(azure.stack.azure, "application");
        mkdirSync(credentials);
        writeFileSync(join(credentials, "ours.secret"), "s3cret\n");
        selfSigned(azure.stack.folder, "app");
        const part = (end: string) => readFileSync(join(azure.stack.folder, `app.${end}`), "utf8");
        const both = join(azure.stack.folder, "both.pem");
        writeFileSync(both, part("crt") + part("key"));
        const byCertificate = { ARM_CLIENT_CERTIFICATE_PATH: both };
        expect((await ask(byCertificate, [readGroup])).answers[0]?.error).toMatch(
            / by a client certificate, found: AADSTS700027: /,
        );
        writeFileSync(join(credentials, "ours.pem"), part("crt"));
        for (const way of [byCertificate, { ARM_CLIENT_SECRET: "s3cret" }])
            expect((await ask(way, [readGroup])).answers).toMatchObject([{ value: { name: "group" } }]);
    });

    test("says in ARM's words that something is not there", async () => {
        const { managementUrl } = readEndpoints(azure.stack.azure);
        expect(managementUrl).toContain(azure.environment.ARM_METADATA_HOSTNAME);
        const arm = { method: "GET", path: `${group}-other`, apiVersion: "2024-03-01" } as const;
        const { answers } = await ask({}, [{ arm }]);
        expect(answers[0]?.error).toMatch(
            /^Expected Azure to carry out GET .*group-other, found 404 ResourceGroupNotFound: /,
        );
    });
});
