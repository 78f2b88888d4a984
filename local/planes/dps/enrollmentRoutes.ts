import type { ProvisioningServiceSettings } from "../../arm/resourceType";
import { authorize } from "./authorization";
import type { EnrollmentRecord, Enrollments, Kind } from "./enrollments";
import { DpsError } from "./errors";
import { type Answer, checkApiVersion, type DpsRequest, noRoute, serviceApiVersions } from "./request";

/** The enrollment list as whoever manages the service sees it: `/enrollments/{id}` and `/enrollmentGroups/{id}`. */
export async function answerEnrollments(
    request: DpsRequest,
    settings: ProvisioningServiceSettings,
    list: Enrollments,
): Promise<Answer> {
    const { method } = request;
    const [kind, id, below, ...more] = request.segments as [Kind, ...string[]];
    const isRoute =
        id &&
        more.length === 0 &&
        (below === undefined
            ? ["GET", "PUT", "DELETE"].includes(method)
            : below === "attestationmechanism" && method === "POST");
    if (!isRoute) throw noRoute(request);
    checkApiVersion(request.query.get("api-version"), serviceApiVersions);
    authorize(request, method === "GET" ? "EnrollmentRead" : "EnrollmentWrite", settings);
    const ifMatch = request.headers["if-match"];
    switch (method) {
        case "GET":
            return { status: 200, body: list.get(kind, id).shown };
        case "PUT": {
            const body = await request.body();
            checkHubs(body, settings);
            return { status: 200, body: list.put(kind, id, body, ifMatch).shown };
        }
        case "DELETE":
            list.remove(kind, id, ifMatch);
            return { status: 204 };
        default:
            return { status: 200, body: attestation(list.get(kind, id)) };
    }
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
