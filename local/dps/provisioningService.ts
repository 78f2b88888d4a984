import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { ProvisioningServiceSettings, SharedAccessPolicy } from "../azure/resourceType";
import type { Certificates } from "../certificates";
import type { FaultSource } from "../faults/faults";
import { underFaults } from "../faults/underFaults";
import { covers, isSignedBy, parseSas } from "../hub/sas";
import { closeAtOnce, listenLocally } from "../listen";
import type { Store } from "../store";
import { type EnrollmentRecord, type Enrollments, enrollments, type Kind } from "./enrollments";
import { DpsError, dpsErrorBody } from "./errors";

/** Of the service's REST description; earlier ones are not served here. */
const apiVersion = "2021-10-01";
const largestBody = 256 * 1024;

/** A provisioning service that answers. */
export interface LocalProvisioningService {
    readonly hostName: string;
    update(settings: ProvisioningServiceSettings): void;
    close(): Promise<void>;
}

interface Answer {
    readonly status: number;
    readonly body?: unknown;
}

/** Opens the service side of a provisioning service: its enrollment list over REST, on a TLS port of its own. */
export async function startProvisioningService(
    given: ProvisioningServiceSettings,
    port: number,
    store: Store,
    certificates: Pick<Certificates, "certPem" | "keyPem">,
    faults?: FaultSource,
): Promise<LocalProvisioningService> {
    let settings = given;
    const list = enrollments(settings.name, store);
    const server = createServer(
        { cert: certificates.certPem, key: certificates.keyPem, minVersion: "TLSv1.2" },
        underFaults(
            faults,
            (fault, response) => send(response, refusal(busy[fault]())),
            (request, response) => {
                answer(settings, list, request).then(
                    (answered) => send(response, answered),
                    (error: unknown) => send(response, refusal(error)),
                );
            },
        ),
    );
    await listenLocally(server, port, `The provisioning service ${settings.name}`);
    return {
        hostName: settings.hostName,
        update(changed) {
            settings = changed;
        },
        close: () => closeAtOnce(server),
    };
}

const busy = {
    throttled: () => new DpsError("Throttled", "Operations are being throttled by the service."),
    unavailable: () => new DpsError("ServiceUnavailable", "The service is unavailable."),
};

function send(response: ServerResponse, { status, body }: Answer): void {
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** A fault of our own is told as one, with its place in the error output. */
function refusal(error: unknown): Answer {
    if (error instanceof DpsError) return { status: error.status, body: dpsErrorBody(error) };
    process.stderr.write(`Provisioning service: ${(error as Error).stack}\n`);
    return { status: 500, body: { errorCode: 500001, message: (error as Error).message } };
}

async function answer(
    settings: ProvisioningServiceSettings,
    list: Enrollments,
    request: IncomingMessage,
): Promise<Answer> {
    const url = new URL(request.url ?? "/", "https://dps");
    const [, kind, id, below, ...more] = decodedSegments(url.pathname);
    const isRoute =
        (kind === "enrollments" || kind === "enrollmentGroups") &&
        id &&
        more.length === 0 &&
        (below === undefined
            ? ["GET", "PUT", "DELETE"].includes(request.method ?? "")
            : below === "attestationmechanism" && request.method === "POST");
    if (!isRoute) throw new DpsError("NotFound", `There is no ${request.method} ${url.pathname} here`);
    if (url.searchParams.get("api-version") !== apiVersion)
        throw new DpsError("BadRequest", `Expected the api-version to be ${apiVersion}`);
    const needed = request.method === "GET" ? "EnrollmentRead" : "EnrollmentWrite";
    authorize(request.headers.authorization, url.pathname, needed, settings);
    const ifMatch = request.headers["if-match"];
    switch (request.method) {
        case "GET":
            return { status: 200, body: list.get(kind, id).shown };
        case "PUT": {
            const body = await readBody(request);
            checkHubs(body, settings);
            return { status: 200, body: list.put(kind, id, body, ifMatch).shown };
        }
        case "DELETE":
            list.remove(kind, id, ifMatch);
            return { status: 204 };
        default:
            return { status: 200, body: attestation(list.get(kind as Kind, id)) };
    }
}

function decodedSegments(pathname: string): string[] {
    try {
        return pathname.split("/").map(decodeURIComponent);
    } catch {
        throw new DpsError("BadRequest", `The address ${pathname} is not percent-encoded as it should be`);
    }
}

function attestation({ symmetricKey }: EnrollmentRecord): object {
    return { type: "symmetricKey", symmetricKey };
}

/** Each right is demanded as it is named (learn: "Control access to DPS with shared access signatures"). */
function authorize(
    authorization: string | undefined,
    path: string,
    needed: "EnrollmentRead" | "EnrollmentWrite",
    { hostName, policies }: { hostName: string; policies: SharedAccessPolicy[] },
): void {
    const token = parseSas(authorization ?? "");
    const policy = policies.find(({ keyName }) => keyName === token?.policy);
    const rights = policy?.rights.split(", ") ?? [];
    const isGood =
        token &&
        policy &&
        covers(token.resource, hostName, path) &&
        isSignedBy(token, [policy.primaryKey, policy.secondaryKey]) &&
        rights.includes(needed);
    if (!isGood) throw new DpsError("Unauthorized", "Unauthorized");
}

/** A device can go only to a hub that is linked. */
function checkHubs(body: unknown, { hubs }: ProvisioningServiceSettings): void {
    const wanted = (body as { iotHubs?: unknown } | undefined)?.iotHubs ?? [];
    const stranger = Array.isArray(wanted) && wanted.find((hub) => !hubs.includes(hub));
    if (stranger) throw new DpsError("BadRequest", `The IoT hub ${stranger} is not linked to this service`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > largestBody)
            throw new DpsError("BadRequest", `The body is larger than ${largestBody} bytes`);
        chunks.push(chunk);
    }
    try {
        return JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch {
        throw new DpsError("BadRequest", "The body is not JSON");
    }
}
