import type { Plane, PlaneHost, RunningPlane } from "../plane";
import { deviceApi } from "./deviceApi";
import { deleteEnrollments, type Enrollments, enrollments } from "./enrollments";
import { refusals } from "./errors";
import { mqttRegistration } from "./mqttRegistration";
import { registrations } from "./registrations";
import { dpsRoutes } from "./routes";
import type { ProvisioningServiceSettings } from "./settings";

const largestBody = 256 * 1024;

/** A service as those see it who set its devices up: whoever enrolled a device knows its key. */
export interface LocalProvisioning {
    readonly name: string;
    readonly hostName: string;
    readonly idScope: string;
    /** The hubs that are linked now, by their host names. */
    hubs(): string[];
    readonly enrollments: Pick<Enrollments, "find" | "all">;
}

/** The devices on this machine that register themselves at one service. */
export interface EnrolledThere {
    /** Follows a change of an entry or of the linked hubs. */
    look(): void;
    /** The service is closed; they go on from there when it starts again. */
    stop(): void;
    /** The service is deleted. */
    forget(): void;
}

/** What a provisioning service is connected with. */
export interface DpsSurroundings {
    /** Without it nobody on this machine registers at a service. */
    readonly devicesEnrolled?: (service: LocalProvisioning) => EnrolledThere;
}

/** Device Provisioning Service: the enrollment list over REST, the registration of devices over REST and MQTT. */
export function dpsPlane(surroundings: DpsSurroundings = {}): Plane<ProvisioningServiceSettings> {
    return {
        title: "provisioning service",
        scheme: "https",
        start: (settings, host) => startService(settings, host, surroundings),
    };
}

async function startService(
    given: ProvisioningServiceSettings,
    { store, certificates }: PlaneHost,
    { devicesEnrolled }: DpsSurroundings,
): Promise<RunningPlane<ProvisioningServiceSettings>> {
    let current = given;
    const settings = () => current;
    const { name, hostName, idScope } = given;
    const list = enrollments(name, store, () => enrolled?.look());
    const devices = registrations(settings, list, store, certificates.caPem);
    const device = deviceApi(settings, list, devices);
    const mqtt = await mqttRegistration(device);
    const hubs = () => current.hubs.map((hub) => hub.hostName);
    const enrolled = devicesEnrolled?.({ name, hostName, idScope, hubs, enrollments: list });
    return {
        service: {
            name: "Provisioning service",
            bodyLimit: largestBody,
            caseSensitive: true,
            refusals,
            routes: dpsRoutes({ settings, list, devices, device }),
        },
        mqtt: mqtt.handle,
        update(changed) {
            current = changed;
            enrolled?.look();
        },
        async close() {
            enrolled?.stop();
            await mqtt.close();
            await devices.close();
        },
        forget() {
            deleteEnrollments(name, store);
            enrolled?.forget();
        },
    };
}
