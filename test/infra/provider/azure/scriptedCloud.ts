import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { localCertificates } from "../../../../local/base/certificates";
import { openStore } from "../../../../local/base/store";

/** A request as it came in. */
export interface Asked {
    readonly method: string;
    readonly url: URL;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly form: Record<string, string>;
}

export interface Scripted {
    readonly status: number;
    readonly json?: unknown;
    readonly text?: string;
    readonly headers?: Record<string, string>;
    /** Closes the connection instead. */
    readonly cut?: true;
    /** Never answers instead. */
    readonly hangs?: true;
    /** After so many bytes. */
    readonly cutAfter?: number;
    readonly hangsAfter?: number;
}

/**
 * A private cloud over TLS that describes itself, issues `token-1`, `token-2`, … to whoever asks as Entra is asked, and
 * answers everything else by a script. It keeps what it was asked beside its metadata.
 */
export interface ScriptedCloud {
    readonly origin: string;
    readonly host: string;
    /** Where a test puts files; it goes with the cloud. */
    readonly folder: string;
    readonly caFile: string;
    readonly asked: Asked[];
    /** Answers for what is not Entra's, in their order; the last one is repeated. */
    script: Scripted[];
    /** Where it is set, Entra answers this instead of a token. */
    refusal?: Scripted;
    close(): void;
}

export async function scriptedCloud(): Promise<ScriptedCloud> {
    const folder = mkdtempSync(join(tmpdir(), "scripted-cloud-"));
    const store = openStore(join(folder, "store"));
    const { caPem, certPem, keyPem } = await localCertificates(store);
    await store.close();
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, caPem);
    const asked: Asked[] = [];
    let issued = 0;

    const server = createServer({ cert: certPem, key: keyPem }, async (request, response) => {
        const url = new URL(request.url ?? "/", cloud.origin);
        const form = Object.fromEntries(new URLSearchParams(await text(request)));
        const answer = answerTo(url);
        if (!/\/metadata\/endpoints$|openid-configuration$/.test(url.pathname))
            asked.push({ method: request.method ?? "", url, headers: request.headers, form });
        if (answer.hangs) return;
        if (answer.cut) {
            request.socket.destroy();
            return;
        }
        response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
        const whole = answer.text ?? JSON.stringify(answer.json ?? {});
        const { cutAfter, hangsAfter } = answer;
        if (cutAfter !== undefined) response.write(whole.slice(0, cutAfter), () => request.socket.destroy());
        else if (hangsAfter !== undefined) response.write(whole.slice(0, hangsAfter));
        else response.end(whole);
    });

    function answerTo({ pathname }: URL): Scripted {
        const { origin, script, refusal } = cloud;
        if (pathname === "/metadata/endpoints")
            return {
                status: 200,
                json: {
                    resourceManager: `${origin}/`,
                    authentication: { loginEndpoint: `${origin}/`, audiences: [`${origin}/`] },
                },
            };
        const [, tenant, page] =
            /^\/([\w-]+)\/(v2\.0\/\.well-known\/openid-configuration|oauth2\/v2\.0\/token)$/.exec(pathname) ??
            [];
        if (page?.endsWith("token")) {
            if (refusal) return refusal;
            issued += 1;
            return {
                status: 200,
                json: { token_type: "Bearer", expires_in: 3599, access_token: `token-${issued}` },
            };
        }
        if (page)
            return {
                status: 200,
                json: {
                    issuer: `${origin}/${tenant}/v2.0`,
                    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
                    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
                    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
                },
            };
        return (script.length > 1 ? script.shift() : script[0]) ?? { status: 500 };
    }

    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `localhost:${(server.address() as AddressInfo).port}`;
    const cloud: ScriptedCloud = {
        origin: `https://${host}`,
        host,
        folder,
        caFile,
        asked,
        script: [],
        close() {
            server.close();
            server.closeAllConnections();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    return cloud;
}
