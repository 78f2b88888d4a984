import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { ProvisioningServiceSettings } from "../../arm/resourceType";
import type { Certificates } from "../../base/certificates";
import { closeAtOnce, listenLocally } from "../../base/listen";
import type { Store } from "../../base/store";
import type { FaultSource } from "../../faults/faults";
import { underFaults } from "../../faults/underFaults";
import { sharePort } from "../hub/sharedPort";
import { deviceApi } from "./deviceApi";
import { answerDevice } from "./deviceRoutes";
import { answerEnrollments } from "./enrollmentRoutes";
import { enrollments } from "./enrollments";
import { DpsError, dpsErrorBody } from "./errors";
import { mqttRegistration } from "./mqttRegistration";
import { answerRegistrations } from "./registrationRoutes";
import { registrations } from "./registrations";
import { type Answer, type DpsRequest, dpsRequest, noRoute } from "./request";

/** A provisioning service that answers. */
export interface LocalProvisioningService {
    readonly hostName: string;
    update(settings: ProvisioningServiceSettings): void;
    close(): Promise<void>;
}

/** Opens a provisioning service on a TLS port of its own: over REST its two sides, over MQTT that of devices. */
export async function startProvisioningService(
    given: ProvisioningServiceSettings,
    port: number,
    store: Store,
    certificates: Pick<Certificates, "caPem" | "certPem" | "keyPem">,
    faults?: FaultSource,
): Promise<LocalProvisioningService> {
    let settings = given;
    const list = enrollments(settings.name, store);
    const devices = registrations(() => settings, list, store, certificates.caPem);
    const device = deviceApi(() => settings, list, devices);

    async function answer(request: DpsRequest): Promise<Answer> {
        const [first, second] = request.segments;
        if (first === "enrollments" || first === "enrollmentGroups")
            return answerEnrollments(request, settings, list);
        if (first === "registrations") return answerRegistrations(request, settings, devices);
        if (second === "registrations") return answerDevice(request, device);
        throw noRoute(request);
    }

    const server = createServer(
        { cert: certificates.certPem, key: certificates.keyPem, minVersion: "TLSv1.2" },
        underFaults(
            faults,
            (fault, response) => send(response, refusal(busy[fault]())),
            async (request, response) => {
                const answered = Promise.resolve(request).then(dpsRequest).then(answer);
                send(response, await answered.catch(refusal));
            },
        ),
    );
    const mqtt = await mqttRegistration(device, refusal);
    const endConnections = sharePort(server, mqtt.handle);
    try {
        await listenLocally(server, port, `The provisioning service ${settings.name}`);
    } catch (error) {
        await mqtt.close();
        throw error;
    }
    return {
        hostName: settings.hostName,
        update(changed) {
            settings = changed;
        },
        async close() {
            const closed = closeAtOnce(server);
            endConnections();
            await mqtt.close();
            await closed;
            await devices.close();
        },
    };
}

const busy = {
    throttled: () => new DpsError("Throttled", "Operations are being throttled by the service."),
    unavailable: () => new DpsError("ServiceUnavailable", "The service is unavailable."),
};

function send(response: ServerResponse, { status, body, retryAfter }: Answer): void {
    const { errorCode } = (body ?? {}) as { errorCode?: number };
    response.writeHead(status, {
        "Content-Type": "application/json; charset=utf-8",
        ...(retryAfter !== undefined && { "Retry-After": retryAfter }),
        ...(status >= 400 && { "x-ms-error-code": errorCode }),
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** A fault of our own is told as one, with its place in the error output. */
function refusal(error: unknown): Answer {
    if (error instanceof DpsError) return { status: error.status, body: dpsErrorBody(error) };
    process.stderr.write(`Provisioning service: ${(error as Error).stack}\n`);
    return { status: 500, body: { errorCode: 500001, message: (error as Error).message } };
}
