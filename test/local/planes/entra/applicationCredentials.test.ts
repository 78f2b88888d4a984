import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { applicationCredentials } from "../../../../local/planes/entra/applicationCredentials";
import { hubAudience, localDirectory } from "../../../../local/planes/entra/directory";
import { clientId, tenantId } from "../../../../local/planes/entra/tenant";
import { selfSigned } from "../../../infra/provider/azure/selfSigned";

const origin = "https://localhost:1";
const signingKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
});
const folder = mkdtempSync(join(tmpdir(), "application-"));
const made = mkdtempSync(join(tmpdir(), "certificate-"));
afterAll(() => {
    for (const one of [folder, made]) rmSync(one, { recursive: true });
});

const directory = localDirectory(String(signingKey), origin, applicationCredentials(folder));
const scope = `${hubAudience}/.default`;
const part = (end: string) => readFileSync(join(made, `app.${end}`), "utf8");

beforeAll(() => {
    selfSigned(made, "app");
    writeFileSync(join(folder, "app.pem"), part("crt"));
    writeFileSync(join(folder, "app.secret"), "s3cret\n");
});

interface Claims {
    issuer?: string;
    subject?: string;
    audience?: string;
    expires?: string;
    algorithm?: string;
    thumbprint?: string;
}

function assertion(claims: Claims = {}): Promise<string> {
    const own = Buffer.from(new X509Certificate(part("crt")).fingerprint256.replaceAll(":", ""), "hex");
    const { algorithm = "PS256", thumbprint = own.toString("base64url"), expires = "10m" } = claims;
    return new SignJWT({})
        .setProtectedHeader({ alg: algorithm, "x5t#S256": thumbprint })
        .setIssuer(claims.issuer ?? clientId)
        .setSubject(claims.subject ?? clientId)
        .setAudience(claims.audience ?? `${origin}/${tenantId}/oauth2/v2.0/token`)
        .setExpirationTime(expires)
        .sign(createPrivateKey(part("key")));
}

test("what a certificate of the application has signed buys a token", async () => {
    const { accessToken } = await directory.exchange(await assertion(), scope);
    expect(await directory.isValid(accessToken, hubAudience)).toBe(true);
});

test.each<[string, Claims]>([
    ["of another issuer", { issuer: tenantId }],
    ["of another application", { subject: tenantId }],
    ["for another audience", { audience: `${origin}/common/oauth2/v2.0/token` }],
    ["that has expired", { expires: "-10s" }],
    ["in a way that Entra does not ask for", { algorithm: "RS384" }],
    ["that names another certificate", { thumbprint: "x" }],
])("an assertion %s is refused", async (_, claims) => {
    await expect(directory.exchange(await assertion(claims), scope)).rejects.toMatchObject({
        error: "invalid_client",
        number: 700027,
    });
});

test("what is no token at all is refused likewise", async () => {
    await expect(directory.exchange("x", scope)).rejects.toMatchObject({ number: 700027 });
});

test("a secret buys a token while it is the application's", async () => {
    expect(await directory.exchangeSecret("s3cret", scope)).toMatchObject({ expiresIn: 3599 });
    await expect(directory.exchangeSecret("another", scope)).rejects.toMatchObject({ number: 7000215 });
    rmSync(join(folder, "app.secret"));
    await expect(directory.exchangeSecret("s3cret", scope)).rejects.toMatchObject({ number: 7000215 });
});
