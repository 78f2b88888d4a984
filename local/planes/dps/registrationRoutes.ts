import type { ProvisioningServiceSettings } from "../../arm/resourceType";
import { authorize } from "./authorization";
import { type Registrations, stateOf } from "./registrations";
import { type Answer, checkApiVersion, type DpsRequest, noRoute, serviceApiVersions } from "./request";

/** How far a device got, as whoever manages the service sees it: GET and DELETE of `/registrations/{id}`. */
export function answerRegistrations(
    request: DpsRequest,
    settings: ProvisioningServiceSettings,
    devices: Registrations,
): Answer {
    const [, id, ...more] = request.segments;
    if (!id || more.length > 0 || !["GET", "DELETE"].includes(request.method)) throw noRoute(request);
    checkApiVersion(request.query.get("api-version"), serviceApiVersions);
    if (request.method === "GET") {
        authorize(request, "RegistrationStatusRead", settings);
        return { status: 200, body: stateOf(devices.get(id)) };
    }
    authorize(request, "RegistrationStatusWrite", settings);
    devices.remove(id);
    return { status: 204 };
}
