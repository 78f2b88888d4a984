import type { DeviceApi } from "./deviceApi";
import { type Answer, checkApiVersion, type DpsRequest, deviceApiVersions, noRoute } from "./request";

/** The device's side over HTTP, below `/{idScope}/registrations/{registrationId}` (REST description, Device). */
export async function answerDevice(request: DpsRequest, device: DeviceApi): Promise<Answer> {
    const [idScope, , registrationId, below, operationId, ...more] = request.segments;
    if (!idScope || !registrationId || more.length > 0) throw noRoute(request);
    const caller = { idScope, registrationId, sas: request.headers.authorization ?? "" };
    const checkVersion = () => checkApiVersion(request.query.get("api-version"), deviceApiVersions);
    switch (`${request.method} ${below ?? ""}${operationId === undefined ? "" : "/"}`) {
        case "PUT register":
            checkVersion();
            return device.register(caller, await request.body());
        case "GET operations/":
            checkVersion();
            return device.operation(caller, operationId ?? "");
        case "POST ":
            checkVersion();
            return device.state(caller);
        default:
            throw noRoute(request);
    }
}
