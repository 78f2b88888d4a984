import type { Answer } from "../../base/http/refusal";
import type { Request } from "../../base/http/request";
import type { Route } from "../../base/http/service";
import { authorize, type Right } from "./authorization";
import type { DeviceApi } from "./deviceApi";
import type { EnrollmentRecord, Enrollments, Kind } from "./enrollments";
import { DpsError } from "./errors";
import { type Registrations, stateOf } from "./registrations";
import type { ProvisioningServiceSettings } from "./settings";

/** The api-version of the REST description; earlier ones are not served here. */
const serviceApiVersions = ["2021-10-01"];
/** The api-versions that device clients send, over HTTP as over MQTT. */
export const deviceApiVersions = ["2019-03-31", "2021-06-01"];

/** What the routes of one service work on. */
export interface RoutedService {
    settings(): ProvisioningServiceSettings;
    readonly list: Enrollments;
    readonly devices: Registrations;
    readonly device: DeviceApi;
}

/** Both sides of the service: that of whoever manages it, and that of devices (REST descriptions Service and Device). */
export function dpsRoutes(service: RoutedService): Route[] {
    return [
        ...(["enrollments", "enrollmentGroups"] as const).flatMap((kind) => enrollmentRoutes(service, kind)),
        ...registrationRoutes(service),
        ...deviceRoutes(service.device),
    ];
}

function enrollmentRoutes({ settings, list }: RoutedService, kind: Kind): Route[] {
    const path = `/${kind}/:id`;
    const manage = managing(settings);
    return [
        manage("GET", path, "EnrollmentRead", ({ id }) => ({ status: 200, json: list.get(kind, id).shown })),
        manage("PUT", path, "EnrollmentWrite", async ({ id }, request) => {
            const body = await request.json();
            checkHubs(body, settings());
            return { status: 200, json: list.put(kind, id, body, request.headers["if-match"]).shown };
        }),
        manage("DELETE", path, "EnrollmentWrite", ({ id }, { headers }) => {
            list.remove(kind, id, headers["if-match"]);
            return { status: 204 };
        }),
        manage("POST", `${path}/attestationmechanism`, "EnrollmentWrite", ({ id }) => ({
            status: 200,
            json: attestation(list.get(kind, id)),
        })),
    ];
}

function registrationRoutes({ settings, devices }: RoutedService): Route[] {
    const path = "/registrations/:id";
    const manage = managing(settings);
    return [
        manage("GET", path, "RegistrationStatusRead", ({ id }) => ({
            status: 200,
            json: stateOf(devices.get(id)),
        })),
        manage("DELETE", path, "RegistrationStatusWrite", ({ id }) => {
            devices.remove(id);
            return { status: 204 };
        }),
    ];
}

function deviceRoutes(device: DeviceApi): Route[] {
    const path = "/:idScope/registrations/:registrationId";
    const route = (method: string, below: string, handle: Route["handle"]): Route => ({
        method,
        path: `${path}${below}`,
        handle(request) {
            checkApiVersion(request, deviceApiVersions);
            return handle(request);
        },
    });
    return [
        route("PUT", "/register", async (request) =>
            device.register(callerOf(request), await request.json()),
        ),
        route("GET", "/operations/:operationId", (request) =>
            device.operation(callerOf(request), request.params.operationId ?? ""),
        ),
        route("POST", "", (request) => device.state(callerOf(request))),
    ];
}

/** A route of whoever manages the service, which needs a right. */
function managing(settings: () => ProvisioningServiceSettings) {
    return (
        method: string,
        path: string,
        right: Right,
        handle: (params: { id: string }, request: Request) => Answer | Promise<Answer>,
    ): Route => ({
        method,
        path,
        handle(request) {
            checkApiVersion(request, serviceApiVersions);
            authorize(request, right, settings());
            return handle({ id: request.params.id ?? "" }, request);
        },
    });
}

function callerOf({ params, headers }: Request) {
    const { idScope = "", registrationId = "" } = params;
    return { idScope, registrationId, sas: headers.authorization ?? "" };
}

function checkApiVersion({ query }: Request, served: readonly string[]): void {
    const given = query.get("api-version");
    if (given !== null && served.includes(given)) return;
    throw new DpsError("BadRequest", `Expected the api-version to be ${served.join(" or ")}`);
}

function attestation({ symmetricKey }: EnrollmentRecord): object {
    return { type: "symmetricKey", symmetricKey };
}

/** A device can go only to a hub that is linked. */
function checkHubs(body: unknown, { hubs }: ProvisioningServiceSettings): void {
    const wanted = (body as { iotHubs?: unknown } | undefined)?.iotHubs ?? [];
    const isLinked = (name: unknown) => hubs.some(({ hostName }) => hostName === name);
    const stranger = Array.isArray(wanted) && wanted.find((hub) => !isLinked(hub));
    if (stranger) throw new DpsError("BadRequest", `The IoT hub ${stranger} is not linked to this service`);
}
