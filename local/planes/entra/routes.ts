import type { Answer } from "../../base/http/refusal";
import type { Request } from "../../base/http/request";
import type { Route } from "../../base/http/service";
import type { Directory, IssuedToken } from "./directory";
import { EntraError } from "./errors";
import { clientId, tenantId } from "./tenant";

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Where this cloud's endpoints are, what its Entra can do, and requests for tokens. */
export function entraRoutes(directory: Directory): Route[] {
    return [
        { method: "GET", path: "/metadata/endpoints", handle: ({ query }) => metadata(query, directory) },
        ofTenant("GET", "v2.0/.well-known/openid-configuration", () => ({
            status: 200,
            json: configuration(directory),
        })),
        ofTenant("GET", "discovery/v2.0/keys", async () => ({
            status: 200,
            json: { keys: [await directory.publicKey()] },
        })),
        ofTenant("POST", "oauth2/v2.0/token", async (request) =>
            issue(new URLSearchParams(await request.text()), directory),
        ),
    ];
}

function ofTenant(method: string, page: string, handle: Route["handle"]): Route {
    return {
        method,
        path: `/:tenant/${page}`,
        handle(request: Request) {
            const { tenant } = request.params;
            if (tenant === tenantId) return handle(request);
            throw new EntraError("invalid_request", 90002, `Tenant '${tenant}' not found.`);
        },
    };
}

/** The parts of Azure's own document that its clients read. */
function metadata(query: URLSearchParams, { origin }: Directory): Answer {
    if (query.get("api-version") !== "2022-09-01") {
        const message = `The api-version is ${query.get("api-version") ?? "missing"}, expected 2022-09-01.`;
        return { status: 400, json: { error: { code: "InvalidApiVersionParameter", message } } };
    }
    const authentication = {
        loginEndpoint: origin,
        audiences: [origin],
        tenant: tenantId,
        identityProvider: "AAD",
    };
    return {
        status: 200,
        json: { name: "edge-classifier local Azure", resourceManager: origin, authentication, suffixes: {} },
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
        token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
        response_types_supported: ["code"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["ES256"],
    };
}

async function issue(form: URLSearchParams, directory: Directory): Promise<Answer> {
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
    const { accessToken, expiresIn } = await proven(form, directory);
    return {
        status: 200,
        json: {
            token_type: "Bearer",
            expires_in: expiresIn,
            ext_expires_in: expiresIn,
            access_token: accessToken,
        },
    };
}

/** By a secret, or by an assertion in its place. */
function proven(form: URLSearchParams, directory: Directory): Promise<IssuedToken> {
    const scope = form.get("scope") ?? "";
    const secret = form.get("client_secret");
    if (secret) return directory.exchangeSecret(secret, scope);
    if (form.get("client_assertion_type") === jwtBearer)
        return directory.exchange(form.get("client_assertion") ?? "", scope);
    throw new EntraError(
        "invalid_client",
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
}
