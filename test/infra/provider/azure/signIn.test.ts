import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { jwtVerify } from "jose";
import { type ScriptedCloud, scriptedCloud } from "./scriptedCloud";
import { selfSigned } from "./selfSigned";
import { type Question, signIn, withoutAccounts } from "./signIn";

const hubs = "https://iothubs.azure.net";
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const application = { ARM_TENANT_ID: "a-tenant", ARM_CLIENT_ID: "a-client" };

let cloud: ScriptedCloud;
beforeAll(async () => {
    cloud = await scriptedCloud();
});
beforeEach(() => {
    cloud.asked.length = 0;
    cloud.script = [];
    cloud.refusal = undefined;
});
afterAll(() => cloud.close());

/** Signs in to the scripted cloud with these variables. */
async function ask(added: NodeJS.ProcessEnv, questions: Question[] = [{ resource: hubs }], config = {}) {
    const env = withoutAccounts({
        NODE_EXTRA_CA_CERTS: cloud.caFile,
        ARM_METADATA_HOSTNAME: cloud.host,
        ...added,
    });
    return signIn({ env, config, questions });
}

const issued = { value: expect.stringMatching(/^token-\d+$/) };
const invalidClient = {
    status: 401,
    json: {
        error: "invalid_client",
        error_description: "AADSTS7000215: Invalid client secret provided. Trace ID: 1",
        error_codes: [7000215],
    },
};

describe("by a client secret", () => {
    const variables = { ...application, ARM_CLIENT_SECRET: "s3cret" };

    test("a token is bought, and kept for the next call", async () => {
        const { answers } = await ask(variables, [
            { resource: hubs },
            { resource: hubs },
            { resource: "https://x" },
        ]);
        expect(answers[0]).toEqual(issued);
        expect(answers[1]).toEqual(answers[0]);
        expect(answers[2]).not.toEqual(answers[0]);
        expect(cloud.asked.map(({ form }) => form.scope)).toEqual([
            expect.stringContaining(`${hubs}/.default`),
            expect.stringContaining("https://x/.default"),
        ]);
        expect(cloud.asked[0]?.url.pathname).toBe("/a-tenant/oauth2/v2.0/token");
        expect(cloud.asked[0]?.form).toMatchObject({
            grant_type: "client_credentials",
            client_id: "a-client",
            client_secret: "s3cret",
        });
    });

    test("a refusal is Entra's own, without the secret, and the next call asks again", async () => {
        cloud.refusal = invalidClient;
        const { answers, all } = await ask(variables, [{ resource: hubs }, { resource: hubs }]);
        expect(answers[0]?.error).toMatch(
            /^Expected a token of https:\/\/localhost:\d+ for https:\/\/iothubs\.azure\.net by a client secret, found: AADSTS7000215: Invalid client secret provided\..* Compare tenantId, /,
        );
        expect(cloud.asked).toHaveLength(2);
        expect(all).not.toContain("s3cret");
    });
});

describe("by a client certificate", () => {
    test("the application shows what that certificate signed", async () => {
        selfSigned(cloud.folder, "app");
        const pem = join(cloud.folder, "app.pem");
        const part = (name: string) => readFileSync(join(cloud.folder, name), "utf8");
        writeFileSync(pem, part("app.crt") + part("app.key"));
        const { answers } = await ask({ ...application, ARM_CLIENT_CERTIFICATE_PATH: pem });
        expect(answers).toEqual([issued]);
        const { client_assertion: assertion = "", client_assertion_type: type } = cloud.asked[0]?.form ?? {};
        expect(type).toBe(jwtBearer);
        const { payload } = await jwtVerify(assertion, new X509Certificate(part("app.crt")).publicKey);
        expect(payload).toMatchObject({
            iss: "a-client",
            sub: "a-client",
            aud: `${cloud.origin}/a-tenant/oauth2/v2.0/token`,
        });
    });
});

describe("by OpenID Connect", () => {
    const variables = { ...application, ARM_USE_OIDC: "true" };
    const shown = () => cloud.asked.flatMap(({ form }) => form.client_assertion ?? []);

    test("the given token is exchanged, before any file or address", async () => {
        const more = {
            ARM_OIDC_TOKEN_FILE_PATH: "/nowhere",
            ACTIONS_ID_TOKEN_REQUEST_URL: "https://nowhere",
        };
        const { answers } = await ask({ ...variables, ...more, ARM_OIDC_TOKEN: "an-id-token" });
        expect(answers).toEqual([issued]);
        expect(cloud.asked[0]?.form).toMatchObject({
            client_assertion_type: jwtBearer,
            client_assertion: "an-id-token",
        });
    });

    test("the token of a file is read anew for each token", async () => {
        const file = join(cloud.folder, "id-token");
        writeFileSync(file, "first\n");
        const questions: Question[] = [
            { resource: hubs },
            { write: [file, "second\n"] },
            { resource: "https://x" },
        ];
        const { answers } = await ask({ ...variables, ARM_OIDC_TOKEN_FILE_PATH: file }, questions);
        expect(answers).toEqual([issued, issued]);
        expect(shown()).toEqual(["first", "second"]);
    });

    test("a file that is not there, or empty, is named", async () => {
        const file = join(cloud.folder, "missing-token");
        const questions: Question[] = [{ resource: hubs }, { write: [file, "\n"] }, { resource: hubs }];
        const { answers } = await ask({ ...variables, ARM_OIDC_TOKEN_FILE_PATH: file }, questions);
        expect(answers[0]?.error).toContain(`Expected an OpenID Connect token at ${file}, found: ENOENT`);
        expect(answers[1]?.error).toContain(
            `Expected an OpenID Connect token at ${file}, found an empty file.`,
        );
    });

    describe("in a job of GitHub Actions", () => {
        const job = () => ({
            ...variables,
            ACTIONS_ID_TOKEN_REQUEST_URL: `${cloud.origin}/job?api-version=2.0`,
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: "a-b3arer",
        });

        test.each([
            [{}, "api://AzureADTokenExchange"],
            [{ ARM_OIDC_AUDIENCE: "api://ours" }, "api://ours"],
        ])("its token is asked for with what the job shows, and exchanged (%j)", async (added, audience) => {
            cloud.script = [{ status: 200, json: { count: 1, value: "the-jobs-token" } }];
            const { answers } = await ask({ ...job(), ...added });
            expect(answers).toEqual([issued]);
            const [request] = cloud.asked;
            expect(request).toMatchObject({ method: "GET", headers: { authorization: "Bearer a-b3arer" } });
            expect(request?.url.search).toBe(`?${new URLSearchParams({ "api-version": "2.0", audience })}`);
            expect(shown()).toEqual(["the-jobs-token"]);
        });

        test.each([
            [{ status: 403, text: "a-b3arer may not" }, "found status 403"],
            [{ status: 200, text: "<half-a-t0ken" }, "found no JSON"],
            [{ status: 200, json: { token: "half-a-t0ken" } }, "found none in its answer"],
        ])(
            "an answer without a token (%j) is no token, and nothing of it is shown",
            async (answer, found) => {
                cloud.script = [answer];
                const { answers, all } = await ask(job());
                expect(answers[0]?.error).toContain(
                    `Expected ${cloud.origin} to issue an OpenID Connect token for api://AzureADTokenExchange, ${found}. ` +
                        "A job of GitHub Actions needs the permission id-token: write.",
                );
                expect(all).not.toMatch(/a-b3arer|half-a-t0ken/);
            },
        );
    });
});

describe("by the machine's managed identity", () => {
    let endpoint: Server;
    let asked: { url: URL; secret: unknown }[];
    let status = 200;
    beforeAll(async () => {
        // The protocol of App Service 2019-08-01, which the library speaks where these variables are set.
        endpoint = createServer((request, response) => {
            const url = new URL(request.url ?? "/", "http://localhost");
            asked.push({ url, secret: request.headers["x-identity-header"] });
            response.writeHead(status, { "Content-Type": "application/json" });
            const expires_on = Math.floor(Date.now() / 1000) + 3599;
            const token = { access_token: "an-identitys-token", expires_on, token_type: "Bearer" };
            response.end(JSON.stringify(status === 200 ? token : { message: "No identity." }));
        });
        await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
    });
    beforeEach(() => {
        asked = [];
        status = 200;
    });
    afterAll(() => {
        endpoint.close();
    });

    const variables = () => ({
        ARM_USE_MSI: "true",
        IDENTITY_ENDPOINT: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`,
        IDENTITY_HEADER: "a-h3ader",
    });

    test("the machine hands out a token for the resource", async () => {
        const { answers } = await ask(variables());
        expect(answers).toEqual([{ value: "an-identitys-token" }]);
        expect(asked).toHaveLength(1);
        expect(asked[0]?.secret).toBe("a-h3ader");
        expect(asked[0]?.url.searchParams.get("resource")).toBe(hubs);
        expect(asked[0]?.url.searchParams.has("client_id")).toBe(false);
    });

    test("clientId names a user-assigned one", async () => {
        expect((await ask(variables(), [{ resource: hubs }], { clientId: "an-identity" })).answers).toEqual([
            { value: "an-identitys-token" },
        ]);
        expect(asked[0]?.url.searchParams.get("client_id")).toBe("an-identity");
    });

    test("a machine without one says so, and no other way is tried", async () => {
        status = 400;
        const { answers, all } = await ask(variables());
        expect(answers[0]?.error).toMatch(
            /^Expected a token of \S+ for \S+ by the machine's managed identity, found: .* Check that the machine has one/,
        );
        expect(cloud.asked).toEqual([]);
        expect(all).not.toContain("a-h3ader");
    });
});

describe("by the Azure CLI", () => {
    /** An `az` first on the path that writes its arguments down and answers like one in this cloud. */
    function fakeAz(environmentName: string, failure = ""): { env: NodeJS.ProcessEnv; calls(): string[] } {
        const folder = join(cloud.folder, "bin");
        mkdirSync(folder, { recursive: true });
        const log = join(folder, "calls");
        writeFileSync(log, "");
        const token = { accessToken: "the-clis-token", expires_on: Math.floor(Date.now() / 1000) + 3599 };
        const lines = [
            "#!/bin/sh",
            `echo "$*" >> '${log}'`,
            failure && `echo '${failure}' >&2; exit 1`,
            `case "$2" in show) echo '${JSON.stringify({ environmentName })}' ;; *) echo '${JSON.stringify(token)}' ;; esac`,
        ];
        writeFileSync(join(folder, "az"), lines.join("\n"));
        chmodSync(join(folder, "az"), 0o755);
        return {
            env: { PATH: [folder, process.env.PATH].join(delimiter), ARM_METADATA_HOSTNAME: undefined },
            calls: () => readFileSync(log, "utf8").trim().split("\n"),
        };
    }
    const asksToken = `account get-access-token --output json --resource ${hubs}`;

    test.each<[string, NodeJS.ProcessEnv, string, string]>([
        ["nothing is configured", {}, "", ""],
        ["a tenant is", { ARM_TENANT_ID: "a-tenant" }, "", " --tenant a-tenant"],
        [
            "a subscription is",
            { ARM_SUBSCRIPTION_ID: "sub-1" },
            " --subscription sub-1",
            " --subscription sub-1",
        ],
        [
            "both are, of which az takes one",
            { ARM_TENANT_ID: "a-tenant", ARM_SUBSCRIPTION_ID: "sub-1" },
            " --subscription sub-1",
            " --subscription sub-1",
        ],
    ])("whoever is signed in deploys, where %s", async (_, added, shown, asked) => {
        const az = fakeAz("AzureCloud");
        const { answers } = await ask({ ...az.env, ...added }, [{ resource: hubs }, { resource: hubs }]);
        expect(answers).toEqual([{ value: "the-clis-token" }, { value: "the-clis-token" }]);
        expect(az.calls()).toEqual([`account show --output json${shown}`, asksToken + asked]);
    });

    test("a cloud that is not the CLI's is refused before anything is asked there", async () => {
        const az = fakeAz("AzureUSGovernment");
        const { answers } = await ask({ ...az.env, ARM_ENVIRONMENT: "public" });
        expect(answers[0]?.error).toBe(
            "Expected the Azure CLI to work in the cloud of https://login.microsoftonline.com, as configured, found it in " +
                '"AzureUSGovernment". Change it with: az cloud set --name CLOUD, then: az login',
        );
        expect((await ask({ ...az.env, ARM_ENVIRONMENT: "usgovernment" })).answers).toEqual([
            { value: "the-clis-token" },
        ]);
    });

    test("nobody signed in, and no az, is said with what to do", async () => {
        const az = fakeAz("AzureCloud", "ERROR: Please run az login to setup account.");
        expect((await ask(az.env)).answers[0]?.error).toBe(
            "Expected somebody to be signed in at the Azure CLI, found: ERROR: Please run az login to setup account. " +
                "Sign in with: az login",
        );
        const nowhere = join(cloud.folder, "nothing");
        expect((await ask({ ...az.env, PATH: nowhere })).answers[0]?.error).toBe(
            "Expected somebody to be signed in at the Azure CLI, found: no az on the path. Sign in with: az login",
        );
    });

    test("a subscription that is no name goes into no command line", async () => {
        const az = fakeAz("AzureCloud");
        const { answers } = await ask({ ...az.env, ARM_SUBSCRIPTION_ID: "x; touch y" });
        expect(answers[0]?.error).toContain('Expected the id of a subscription, found "x; touch y".');
        expect(az.calls()).toEqual([""]);
    });
});

describe("by the default chain of the Azure SDK", () => {
    test("its own variables count, in the configured cloud, before a secret of ours", async () => {
        const { answers } = await ask({
            ...application,
            ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
            ARM_CLIENT_SECRET: "s3cret",
            AZURE_TENANT_ID: "the-chains-tenant",
            AZURE_CLIENT_ID: "the-chains-client",
            AZURE_CLIENT_SECRET: "an0ther",
        });
        expect(answers).toEqual([issued]);
        expect(cloud.asked[0]?.form).toMatchObject({
            client_id: "the-chains-client",
            client_secret: "an0ther",
        });
    });
});
