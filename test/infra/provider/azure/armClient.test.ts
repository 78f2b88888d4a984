import { type Scripted, type ScriptedCloud, scriptedCloud } from "./scriptedCloud";
import { signIn, withoutAccounts } from "./signIn";

const path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r/generate";
const request = { method: "POST", path, apiVersion: "2023-01-01", body: { tokenId: "t" } } as const;
const done = { status: 200, json: { password: "a-password" } };
const repeated = (status: number): Scripted => ({ status, headers: { "retry-after": "0" } });

let cloud: ScriptedCloud;
beforeAll(async () => {
    cloud = await scriptedCloud();
});
afterAll(() => cloud.close());

/** Calls ARM, which answers by a script, and says what it was asked. */
async function call(script: Scripted[]) {
    cloud.script = script;
    cloud.asked.length = 0;
    const env = withoutAccounts({
        NODE_EXTRA_CA_CERTS: cloud.caFile,
        ARM_METADATA_HOSTNAME: cloud.host,
        ARM_TENANT_ID: "a-tenant",
        ARM_CLIENT_ID: "a-client",
        ARM_CLIENT_SECRET: "s3cret",
    });
    const { answers } = await signIn({ env, questions: [{ arm: request }] });
    const asked = cloud.asked.filter(({ url }) => !url.pathname.endsWith("/token"));
    const places = asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
    return { ...answers[0], asked, places };
}

const asksOnce = `POST ${path}?api-version=2023-01-01`;

describe("a call to ARM", () => {
    test("goes out with a token for ARM, and answers the body", async () => {
        const { value, asked, places } = await call([done]);
        expect(value).toEqual({ password: "a-password" });
        expect(places).toEqual([asksOnce]);
        expect(asked[0]?.headers.authorization).toMatch(/^Bearer token-\d+$/);
        expect(cloud.asked[0]?.form.scope).toContain(`${cloud.origin}/.default`);
    });

    test("that ARM carries out in the background is followed to its end", async () => {
        const location = `${cloud.origin}/operations/1?api-version=1`;
        const accepted = { status: 202, headers: { location, "retry-after": "0" } };
        const { value, places } = await call([accepted, accepted, done]);
        expect(value).toEqual({ password: "a-password" });
        const followed = "GET /operations/1?api-version=1";
        expect(places).toEqual([asksOnce, followed, followed]);
    });

    test("is repeated where the answer breaks off", async () => {
        const { value, places } = await call([{ ...done, cutAfter: 5 }, done]);
        expect(value).toEqual({ password: "a-password" });
        expect(places).toEqual([asksOnce, asksOnce]);
    });

    test("is followed nowhere else, since the token goes along", async () => {
        const location = "https://elsewhere.example/operations/1";
        const { error, places } = await call([{ status: 202, headers: { location } }]);
        expect(error).toBe(
            `Expected ARM to name where its operation is followed, at ${cloud.origin}, found ${location}. ` +
                "Repeat the command.",
        );
        expect(places).toEqual([asksOnce]);
    });

    test("is repeated while ARM is in trouble", async () => {
        const { value, places } = await call([repeated(429), repeated(409), repeated(503), done]);
        expect(value).toEqual({ password: "a-password" });
        expect(places).toHaveLength(4);
    });

    test("is given up after six attempts", async () => {
        const { error, places } = await call([repeated(503)]);
        expect(error).toContain(`Expected Azure to carry out POST ${path}, found 503`);
        expect(places).toHaveLength(6);
    });

    test("is not repeated when ARM refuses, whose words it gives", async () => {
        const refused = { error: { code: "AuthorizationFailed", message: "The client has no right." } };
        const { error, places } = await call([{ status: 403, json: refused }]);
        expect(error).toBe(
            `Expected Azure to carry out POST ${path}, found 403 AuthorizationFailed: The client has no right.`,
        );
        expect(places).toHaveLength(1);
    });
});
