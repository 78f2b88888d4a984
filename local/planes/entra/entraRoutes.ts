import type { IncomingMessage } from "node:http";
import { clientId, tenantId } from "../../arm/armResource";
import { readText } from "../../arm/requestBody";
import type { Directory } from "./directory";
import { EntraError, entraErrorBody } from "./errors";

/** What is answered to a request of somebody who has no token yet. */
export interface EntraResponse {
    readonly status: number;
    readonly body: unknown;
}

const metadataPath = "/metadata/endpoints";
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Answers where this cloud's endpoints are, what its Entra can do, and requests for tokens; undefined for any other
 * path.
 */
export async function answerEntra(
    request: IncomingMessage,
    directory: Directory,
): Promise<EntraResponse | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? "/", directory.origin);
    const asked = `${request.method} ${pathname}`;
    if (asked === `GET ${metadataPath}`) return metadata(searchParams, directory);
    const [, tenant, page] =
        /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys|oauth2\/v2\.0\/token)$/.exec(
            pathname,
        ) ?? [];
    if (tenant === undefined) return undefined;
    try {
        if (tenant !== tenantId) {
            throw new EntraError("invalid_request", 90002, `Tenant '${tenant}' not found.`);
        }
        if (page === "oauth2/v2.0/token" && request.method === "POST")
            return await issue(new URLSearchParams(await readText(request)), directory);
        if (request.method !== "GET" || page === "oauth2/v2.0/token") return undefined;
        if (page === "discovery/v2.0/keys")
            return { status: 200, body: { keys: [await directory.publicKey()] } };
        return { status: 200, body: configuration(directory) };
    } catch (error) {
        if (!(error instanceof EntraError)) throw error;
        return { status: error.status, body: entraErrorBody(error) };
    }
}

/** The parts of Azure's own document that its clients read. */
function metadata(query: URLSearchParams, { origin }: Directory): EntraResponse {
    if (query.get("api-version") !== "2022-09-01") {
        const message = `The api-version is ${query.get("api-version") ?? "missing"}, expected 2022-09-01.`;
        return { status: 400, body: { error: { code: "InvalidApiVersionParameter", message } } };
    }
    const authentication = {
        loginEndpoint: origin,
        audiences: [origin],
        tenant: tenantId,
        identityProvider: "AAD",
    };
    return {
        status: 200,
        body: { name: "edge-classifier local Azure", resourceManager: origin, authentication, suffixes: {} },
    };
}

/** OpenID Connect Discovery 1.0, as Entra answers it. */
function configuration({ origin, issuer }: Directory): object {
    const base = `${origin}/${tenantId}`;
    return {
        issuer,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        response_types_supported: ["code"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["ES256"],
    };
}

async function issue(form: URLSearchParams, directory: Directory): Promise<EntraResponse> {
    if (form.get("grant_type") !== "client_credentials") {
        throw new EntraError(
            "unsupported_grant_type",
            70003,
            `The app requested an unsupported grant type '${form.get("grant_type")}'.`,
        );
    }
    for (const name of ["client_id", "scope"]) {
        if (form.get(name)) continue;
        throw new EntraError(
            "invalid_request",
            900144,
            `The request body must contain the following parameter: '${name}'.`,
        );
    }
    const client = form.get("client_id");
    if (client !== clientId) {
        throw new EntraError(
            "unauthorized_client",
            700016,
            `Application with identifier '${client}' was not found in the directory '${tenantId}'.`,
        );
    }
    // No secret exists that could be right.
    if (form.get("client_assertion_type") !== jwtBearer) {
        throw new EntraError(
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        );
    }
    const { accessToken, expiresIn } = await directory.exchange(
        form.get("client_assertion") ?? "",
        form.get("scope") ?? "",
    );
    return {
        status: 200,
        body: {
            token_type: "Bearer",
            expires_in: expiresIn,
            ext_expires_in: expiresIn,
            access_token: accessToken,
        },
    };
}
