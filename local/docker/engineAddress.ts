import { request as httpRequest } from "node:http";
import { type RequestOptions as HttpsRequestOptions, request as httpsRequest } from "node:https";
import { isIP } from "node:net";

/** Certificates in PEM by which an engine behind TLS knows who asks, and is known. */
export interface EngineCertificates {
    readonly ca: Buffer;
    readonly cert: Buffer;
    readonly key: Buffer;
    /** False takes any certificate of the engine's, as Docker does while DOCKER_TLS_VERIFY is not set. */
    readonly isVerified: boolean;
}

/** How an engine is reached by Node: the function that asks, and where. */
export interface EngineAddress {
    readonly request: typeof httpRequest;
    readonly at: HttpsRequestOptions;
}

/**
 * Takes an address as in DOCKER_HOST apart: `unix://`, `npipe://` of Windows, `tcp://`, which is TLS where there are
 * certificates.
 */
export function engineAddress(host: string, certificates?: EngineCertificates): EngineAddress {
    if (host.startsWith("unix://")) {
        return { request: httpRequest, at: { socketPath: host.slice("unix://".length) } };
    }
    if (host.startsWith("npipe://")) {
        // `npipe:////./pipe/docker_engine` is the pipe \\.\pipe\docker_engine.
        return {
            request: httpRequest,
            at: { socketPath: host.slice("npipe://".length).replaceAll("/", "\\") },
        };
    }
    const { protocol, hostname, port } = new URL(host.replace(/^tcp:/, certificates ? "https:" : "http:"));
    if (!/^(tcp|https?):/.test(host)) {
        throw new Error(
            `Expected the address of a Docker engine (unix://, npipe:// or tcp://…), found "${host}".`,
        );
    }
    if (protocol === "http:") return { request: httpRequest, at: { hostname, port } };
    const { isVerified = true, ...pem } = certificates ?? {};
    // Without a name of its own the certificate would be held against the header Host.
    const servername = isIP(hostname) ? "" : hostname;
    return {
        request: httpsRequest,
        at: { hostname, port, servername, ...pem, rejectUnauthorized: isVerified },
    };
}
