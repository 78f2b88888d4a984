import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { decodeProtectedHeader, errors, exportJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { BearerRights } from "../hub/authorization";
import { type ApplicationCredentials, noCredentials } from "./applicationCredentials";
import { EntraError } from "./errors";
import { clientId, tenantId } from "./tenant";

/** What tokens of this directory are issued for, beside Azure Resource Manager. */
export const hubAudience = "https://iothubs.azure.net";

/** The audience of a client assertion, as the federated credential of an application names it (learn). */
const assertionAudience = "api://AzureADTokenExchange";
const accessTokenSeconds = 3599;
const algorithm = "ES256";

/** An access token with the seconds that it is good for. */
export interface IssuedToken {
    readonly accessToken: string;
    readonly expiresIn: number;
}

/** The one tenant of the local Azure, with one application in it: whoever deploys. */
export interface Directory {
    /** `https://localhost:PORT/TENANT/v2.0`. */
    readonly issuer: string;
    /** Where it answers, beside Azure Resource Manager, and what a token for that is issued for. */
    readonly origin: string;
    publicKey(): Promise<JWK>;
    /** What the application shows instead of a secret: the content of its federated token file. */
    newAssertion(): Promise<string>;
    /**
     * Exchanges an assertion, federated or signed by one of the application's certificates, for an access token; throws an
     * {@link EntraError} for what Entra would refuse.
     */
    exchange(assertion: string, scope: string): Promise<IssuedToken>;
    /** Exchanges a secret of the application likewise. */
    exchangeSecret(secret: string, scope: string): Promise<IssuedToken>;
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
export function localDirectory(
    keyPem: string,
    origin: string,
    credentials: ApplicationCredentials = noCredentials,
): Directory {
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

    /** Whether a certificate of the application has signed it, for the token endpoint (learn "certificate credentials"). */
    async function isCertified(assertion: string): Promise<boolean> {
        try {
            const { "x5t#S256": thumbprint } = decodeProtectedHeader(assertion) as { "x5t#S256"?: string };
            const certificate = thumbprint ? credentials.certificate(thumbprint) : undefined;
            if (!certificate) return false;
            await jwtVerify(assertion, certificate.publicKey, {
                issuer: clientId,
                subject: clientId,
                audience: `${origin}/${tenantId}/oauth2/v2.0/token`,
                algorithms: ["PS256"],
                clockTolerance: 5,
            });
            return true;
        } catch (error) {
            // The first is for what has no header at all.
            if (error instanceof TypeError || error instanceof errors.JOSEError) return false;
            throw error;
        }
    }

    async function issued(scope: string): Promise<IssuedToken> {
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
            if (!(await isCertified(assertion)) && !(await verified(assertion, assertionAudience))) {
                throw new EntraError(
                    "invalid_client",
                    700027,
                    "The certificate with identifier used to sign the client assertion is not registered on application, " +
                        "or the client assertion has expired or is not within its valid time range.",
                );
            }
            return issued(scope);
        },
        async exchangeSecret(secret, scope) {
            if (!credentials.isSecret(secret)) {
                throw new EntraError(
                    "invalid_client",
                    7000215,
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
                        `not the client secret ID, for a secret added to app '${clientId}'.`,
                );
            }
            return issued(scope);
        },
        isValid: verified,
    };
}
