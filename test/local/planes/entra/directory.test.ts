import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { hubAudience, hubRights, localDirectory } from "../../../../local/planes/entra/directory";
import { clientId, tenantId } from "../../../../local/planes/entra/tenant";

const origin = "https://localhost:1";
const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
});
const directory = localDirectory(String(pem), origin);
const assertionAudience = "api://AzureADTokenExchange";

interface Claims {
    issuer?: string;
    subject?: string;
    audience?: string;
    notBefore?: string;
    expires?: string;
    algorithm?: string;
}

function assertion(claims: Claims = {}): Promise<string> {
    const {
        issuer = `${origin}/${tenantId}/v2.0`,
        subject = clientId,
        audience = assertionAudience,
    } = claims;
    const { notBefore = "-10s", expires = "1h", algorithm = "ES256" } = claims;
    const key = algorithm === "ES256" ? createPrivateKey(String(pem)) : Buffer.from(String(pem));
    return new SignJWT({})
        .setProtectedHeader({ alg: algorithm })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setNotBefore(notBefore)
        .setExpirationTime(expires)
        .sign(key);
}

const exchange = (token: string, scope = `${hubAudience}/.default`) => directory.exchange(token, scope);

test("an assertion of the application buys a token for what it asks for, and for nothing else", async () => {
    const { accessToken, expiresIn } = await exchange(await assertion());
    expect(expiresIn).toBe(3599);
    expect(await directory.isValid(accessToken, hubAudience)).toBe(true);
    expect(await directory.isValid(accessToken, origin)).toBe(false);
    const forArm = await exchange(await assertion(), `${origin}/.default`);
    expect(await directory.isValid(forArm.accessToken, origin)).toBe(true);
    expect(await directory.isValid(forArm.accessToken, hubAudience)).toBe(false);
    const claims = JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ tid: tenantId, appid: clientId, oid: clientId, sub: clientId });
    expect(claims.nbf).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
});

test("its own assertion lasts a year", async () => {
    const own = await directory.newAssertion();
    const { iat, exp } = JSON.parse(Buffer.from(own.split(".")[1] ?? "", "base64url").toString());
    expect(exp - iat).toBe(365 * 86_400);
    await exchange(own);
});

test.each<[string, Claims]>([
    ["that has expired", { expires: "-10s" }],
    ["that is not valid yet", { notBefore: "60s" }],
    ["of another issuer", { issuer: `https://localhost:2/${tenantId}/v2.0` }],
    ["of another tenant", { issuer: `${origin}/common/v2.0` }],
    ["of another application", { subject: tenantId }],
    ["for another audience", { audience: hubAudience }],
    ["signed by what everybody knows", { algorithm: "HS256" }],
])("an assertion %s is refused", async (_name, claims) => {
    await expect(exchange(await assertion(claims))).rejects.toMatchObject({
        error: "invalid_client",
        number: 700027,
    });
});

test("a clock that is a few seconds off does no harm", async () => {
    await exchange(await assertion({ expires: "-2s" }));
    await exchange(await assertion({ notBefore: "3s" }));
});

test.each([
    [hubAudience, "invalid_scope"],
    ["/.default", "invalid_scope"],
    [`${hubAudience}/.default/more`, "invalid_scope"],
    [`${hubAudience}.de/.default`, "invalid_resource"],
])("the scope %s is refused as %s", async (scope, error) => {
    await expect(exchange(await assertion(), scope)).rejects.toMatchObject({ error });
});

test("whoever has a token for hubs may do on a hub what its role says, anybody else nothing", async () => {
    const rights = hubRights(directory);
    const { accessToken } = await exchange(await assertion());
    expect(await rights(accessToken)).toEqual(["RegistryRead", "RegistryWrite", "ServiceConnect"]);
    for (const other of [
        await assertion(),
        (await exchange(await assertion(), `${origin}/.default`)).accessToken,
        "x",
    ])
        expect(await rights(other)).toEqual([]);
});

test("its public key is told, and nothing of the private one", async () => {
    const key = await directory.publicKey();
    expect(key).toMatchObject({ kty: "EC", kid: "local", use: "sig", alg: "ES256" });
    expect(key).not.toHaveProperty("d");
});
