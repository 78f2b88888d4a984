import { generateKeyPairSync } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { request } from "node:https";
import { SignJWT } from "jose";
import { callManagement } from "../../../../local/arm/managementCall";
import { federatedTokenFile, readEndpoints } from "../../../../local/endpoints";
import { startTestAzure, type TestAzure } from "../../../support/localAzure";

const tenant = "00000000-0000-0000-0000-000000000001";
const client = "00000000-0000-0000-0000-000000000002";
const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";
const hubs = "https://iothubs.azure.net";

let azure: TestAzure;
let origin: string;

beforeAll(async () => {
    azure = await startTestAzure();
    origin = readEndpoints(azure.stack.azure).managementUrl;
    await callManagement(azure.stack.azure, "PUT", group, { location: "westeurope" });
});
afterAll(() => azure?.remove());

interface Answer {
    status: number;
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will.
    body: any;
}

function ask(
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
    const { method = "GET", headers = {}, body } = options;
    const ca = readFileSync(readEndpoints(azure.stack.azure).caFile);
    return new Promise((resolve, reject) => {
        const sent = request(url, { method, headers, ca, agent: false }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () =>
                resolve({
                    status: response.statusCode ?? 0,
                    body: JSON.parse(Buffer.concat(chunks).toString()),
                }),
            );
        });
        sent.on("error", reject);
        sent.end(body);
    });
}

const assertion = () => readFileSync(federatedTokenFile(azure.stack.azure), "utf8");

function askToken(change: Record<string, string> = {}, inTenant = tenant): Promise<Answer> {
    const form = {
        grant_type: "client_credentials",
        client_id: client,
        scope: `${origin}/.default`,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion(),
        ...change,
    };
    return ask(`${origin}/${inTenant}/oauth2/v2.0/token`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
    });
}

async function token(resource: string): Promise<string> {
    return (await askToken({ scope: `${resource}/.default` })).body.access_token;
}

test("the cloud says where its endpoints are, as Azure does for azure-native", async () => {
    const { status, body } = await ask(`${origin}/metadata/endpoints?api-version=2022-09-01`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
        resourceManager: origin,
        authentication: { loginEndpoint: origin, audiences: [origin], tenant, identityProvider: "AAD" },
    });
    expect((await ask(`${origin}/metadata/endpoints`)).status).toBe(400);
});

test("the directory describes itself by OpenID Connect", async () => {
    const { body } = await ask(`${origin}/${tenant}/v2.0/.well-known/openid-configuration`);
    expect(body).toMatchObject({
        issuer: `${origin}/${tenant}/v2.0`,
        token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    });
    const keys = await ask(body.jwks_uri);
    expect(keys.body.keys[0]).toMatchObject({ kty: "EC", use: "sig" });
    expect(keys.body.keys[0]).not.toHaveProperty("d");
});

test("the federated token file is its owner's alone, and buys a short-lived token", async () => {
    expect(statSync(federatedTokenFile(azure.stack.azure)).mode & 0o777).toBe(0o600);
    const { status, body } = await askToken();
    expect([status, body.token_type, body.expires_in]).toEqual([200, "Bearer", 3599]);
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url").toString());
    expect(claims).toMatchObject({ aud: origin, tid: tenant, appid: client });
    expect(claims.exp - claims.iat).toBe(3599);
});

async function forged(): Promise<string> {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return new SignJWT({})
        .setProtectedHeader({ alg: "ES256" })
        .setIssuer(`${origin}/${tenant}/v2.0`)
        .setSubject(client)
        .setAudience("api://AzureADTokenExchange")
        .setExpirationTime("1h")
        .sign(privateKey);
}

test.each<[string, () => Promise<Answer>, number, string]>([
    ["another tenant", () => askToken({}, "common"), 400, "invalid_request 90002"],
    ["another application", () => askToken({ client_id: tenant }), 400, "unauthorized_client 700016"],
    ["no application", () => askToken({ client_id: "" }), 400, "invalid_request 900144"],
    ["a password", () => askToken({ grant_type: "password" }), 400, "unsupported_grant_type 70003"],
    [
        "a secret",
        () => askToken({ client_assertion_type: "", client_secret: "s" }),
        401,
        "invalid_client 7000215",
    ],
    [
        "neither secret nor assertion",
        () => askToken({ client_assertion_type: "" }),
        401,
        "invalid_client 7000218",
    ],
    ["nothing", () => askToken({ client_assertion: "" }), 401, "invalid_client 700027"],
    [
        "an assertion that somebody else signed",
        async () => askToken({ client_assertion: await forged() }),
        401,
        "invalid_client 700027",
    ],
    [
        "an access token",
        async () => askToken({ client_assertion: await token(origin) }),
        401,
        "invalid_client 700027",
    ],
    ["a scope of the user's", () => askToken({ scope: "openid" }), 400, "invalid_scope 1002012"],
    [
        "a resource that it does not know",
        () => askToken({ scope: "https://vault.azure.net/.default" }),
        400,
        "invalid_resource 500011",
    ],
])("the directory refuses %s", async (_, act, status, code) => {
    const answer = await act();
    expect(answer.status).toBe(status);
    expect(`${answer.body.error} ${answer.body.error_codes[0]}`).toBe(code);
    expect(answer.body.error_description).toMatch(/^AADSTS\d+: /);
});

describe("the management endpoint", () => {
    const askArm = (bearer: string, query = "?api-version=2024-03-01") =>
        ask(`${origin}${group}${query}`, { headers: { Authorization: `Bearer ${bearer}` } });

    test("takes a token for itself, with an api-version as ARM wants it", async () => {
        const bearer = await token(origin);
        expect(await askArm(bearer)).toMatchObject({ status: 200, body: { name: "group" } });
        expect(await askArm(bearer, "")).toMatchObject({
            status: 400,
            body: { error: { code: "MissingApiVersionParameter" } },
        });
    });

    test.each<[string, () => Promise<string>]>([
        ["a token for hubs", () => token(hubs)],
        ["a client assertion", async () => assertion()],
        ["a token that somebody else signed", forged],
        ["anything else", async () => "abc"],
    ])("refuses %s", async (_, bearer) => {
        expect(await askArm(await bearer())).toMatchObject({
            status: 401,
            body: { error: { code: "AuthenticationFailed" } },
        });
    });
});

describe("a hub", () => {
    const hubPath = `${group}/providers/Microsoft.Devices/IotHubs/hub-entra`;
    const makeHub = async (properties = {}) => {
        const body = { location: "westeurope", sku: { name: "S1", capacity: 1 }, properties };
        const hub = await callManagement<{ properties: { hostName: string } }>(
            azure.stack.azure,
            "PUT",
            hubPath,
            body,
        );
        return hub.properties.hostName;
    };
    const askHub = (hostName: string, bearer: string) =>
        ask(`https://${hostName}/devices?api-version=2021-04-12`, {
            headers: { Authorization: `Bearer ${bearer}` },
        });

    test("takes a token for hubs, whether keys open it or not", async () => {
        for (const properties of [{}, { disableLocalAuth: true }])
            expect(await askHub(await makeHub(properties), await token(hubs))).toEqual({
                status: 200,
                body: [],
            });
    });

    test("does not mind the letter case of the scheme", async () => {
        const url = `https://${await makeHub()}/devices?api-version=2021-04-12`;
        const headers = { Authorization: `bearer ${await token(hubs)}` };
        expect((await ask(url, { headers })).status).toBe(200);
    });

    test.each<[string, () => Promise<string>]>([
        ["a token for the management endpoint", () => token(origin)],
        ["a client assertion", async () => assertion()],
        ["a token that somebody else signed", forged],
    ])("refuses %s in its own words", async (_, bearer) => {
        expect(await askHub(await makeHub(), await bearer())).toMatchObject({
            status: 401,
            body: { Message: "ErrorCode:IotHubUnauthorizedAccess;Unauthorized" },
        });
    });
});
