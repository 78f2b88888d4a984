import { readFile } from "node:fs/promises";
import { decodeText } from "../../../classifier/src/readText";
import { type AzureSettings, howToSet } from "./azureSettings";

/** The audience that a federated credential of an application has unless it names another (learn). */
const defaultAudience = "api://AzureADTokenExchange";

/**
 * Where the token comes from that is exchanged for one of Azure: given, from a file, or asked for as a job of GitHub
 * Actions does, the first that is set. Undefined where none is.
 */
export function oidcAssertion(settings: AzureSettings): (() => Promise<string>) | undefined {
    const { oidcToken, oidcTokenFilePath, oidcRequestUrl, oidcRequestToken, oidcAudience } = settings;
    if (oidcToken) return async () => oidcToken;
    if (oidcTokenFilePath) return () => tokenFrom(oidcTokenFilePath);
    if (!oidcRequestUrl || !oidcRequestToken) return undefined;
    return () => requestedToken(oidcRequestUrl, oidcRequestToken, oidcAudience ?? defaultAudience);
}

/** Whoever wrote the file writes a new token into it before the old one expires, so nothing is remembered. */
async function tokenFrom(path: string): Promise<string> {
    const content = await readFile(path).catch((cause: Error) => {
        throw new Error(
            `Expected an OpenID Connect token at ${path}, found: ${cause.message}. ${howToSet("oidcTokenFilePath")}`,
            { cause },
        );
    });
    const token = decodeText(content, path).trim();
    if (token) return token;
    throw new Error(
        `Expected an OpenID Connect token at ${path}, found an empty file. Check what is to write it there.`,
    );
}

/** The request of a job's token as GitHub documents it ("OpenID Connect reference", methods for requesting the token). */
async function requestedToken(requestUrl: string, bearer: string, audience: string): Promise<string> {
    if (!URL.canParse(requestUrl)) {
        throw new Error(
            `Expected oidcRequestUrl to be a URL, found "${requestUrl}". ${howToSet("oidcRequestUrl")}`,
        );
    }
    const url = new URL(requestUrl);
    url.searchParams.set("audience", audience);
    const fail = (found: string, cause?: unknown) => {
        throw new Error(
            `Expected ${url.origin} to issue an OpenID Connect token for ${audience}, found ${found}. ` +
                "A job of GitHub Actions needs the permission id-token: write.",
            { cause },
        );
    };
    const response = await fetch(url, {
        headers: { Authorization: `Bearer ${bearer}`, Accept: "application/json" },
        signal: AbortSignal.timeout(30_000),
    }).catch((cause) => fail(cause.cause instanceof Error ? cause.cause.message : cause.message, cause));
    if (!response.ok) return fail(`status ${response.status}`);
    // The answer holds a token, so nothing of it is quoted.
    const answer = (await response.json().catch(() => fail("no JSON"))) as { value?: unknown } | null;
    const token = answer?.value;
    return typeof token === "string" && token ? token : fail("none in its answer");
}
