import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { errors, exportJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { BearerRights } from "../hub/authorization";
import { EntraError } from "./errors";
import { clientId, tenantId } from "./tenant";

/** What tokens of this directory are issued for, beside Azure Resource Manager. */
export const hubAudience = "https://iothubs.azure.net";

/** The audience of a client assertion, as the federated credential of an application names it (learn). */
const assertionAudience = "api://AzureADTokenExchange";
const accessTokenSeconds = 3599;
const algorithm = "ES256";

/** The one tenant of the local Azure, with one application in it: whoever deploys. */
export interface Directory {
    /** `https://localhost:PORT/TENANT/v2.0`. */
    readonly issuer: string;
    /** Where it answers, beside Azure Resource Manager, and what a token for that is issued for. */
    readonly origin: string;
    publicKey(): Promise<JWK>;
    /** What the application shows instead of a secret: the content of its federated token file. */
    newAssertion(): Promise<string>;
    /** Exchanges an assertion for an access token; throws an {@link EntraError} for what Entra would refuse. */
    exchange(assertion: string, scope: string): Promise<{ accessToken: string; expiresIn: number }>;
    /** Whether `token` is one of this directory for `audience` and still good. */
    isValid(token: string, audience: string): Promise<boolean>;
}

/** The one application of the directory has the role IoT Hub Data Contributor on every hub. */
export function hubRights(directory: Directory): BearerRights {
    return async (token) =>
        (await directory.isValid(token, hubAudience))
            ? ["RegistryRead", "RegistryWrite", "ServiceConnect"]
            : [];
}

/** The directory whose tokens `keyPem` (PKCS 8, P-256) signs; it answers at `origin`. */
export function localDirectory(keyPem: string, origin: string): Directory {
    const key = createPrivateKey(keyPem);
    const publicKey = createPublicKey(key);
    const issuer = `${origin}/${tenantId}/v2.0`;

    function signed(audience: string, lifetimeSeconds: number, claims: Record<string, string>) {
        return new SignJWT(claims)
            .setProtectedHeader({ alg: algorithm, typ: "JWT", kid: "local" })
            .setIssuer(issuer)
            .setSubject(clientId)
            .setAudience(audience)
            .setIssuedAt()
            .setNotBefore("0s")
            .setExpirationTime(`${lifetimeSeconds}s`)
            .setJti(randomUUID())
            .sign(key);
    }

    async function verified(token: string, audience: string): Promise<boolean> {
        try {
            await jwtVerify(token, publicKey, {
                issuer,
                audience,
                subject: clientId,
                algorithms: [algorithm],
                clockTolerance: 5,
            });
            return true;
        } catch (error) {
            if (error instanceof errors.JOSEError) return false;
            throw error;
        }
    }

    return {
        issuer,
        origin,
        publicKey: async () => ({
            ...(await exportJWK(publicKey)),
            kid: "local",
            use: "sig",
            alg: algorithm,
        }),
        // A shell that was opened today still works tomorrow; the file is written anew at every start.
        newAssertion: () => signed(assertionAudience, 365 * 86_400, {}),
        async exchange(assertion, scope) {
            if (!(await verified(assertion, assertionAudience))) {
                throw new EntraError(
                    "invalid_client",
                    700027,
                    "The certificate with identifier used to sign the client assertion is not registered on application, " +
                        "or the client assertion has expired or is not within its valid time range.",
                );
            }
            const [, resource] = /^(.+)\/\.default$/.exec(scope) ?? [];
            if (!resource) {
                throw new EntraError(
                    "invalid_scope",
                    1002012,
                    `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value ` +
                        "with /.default suffixed to the resource identifier (application ID URI).",
                );
            }
            if (![origin, hubAudience].includes(resource)) {
                throw new EntraError(
                    "invalid_resource",
                    500011,
                    `The resource principal named ${resource} was not found in the tenant named ${tenantId}.`,
                );
            }
            const claims = { tid: tenantId, appid: clientId, oid: clientId, ver: "2.0" };
            const accessToken = await signed(resource, accessTokenSeconds, claims);
            return { accessToken, expiresIn: accessTokenSeconds };
        },
        isValid: verified,
    };
}
