import type { Plane } from "../plane";
import { deviceApi } from "./deviceApi";
import { deleteEnrollments, enrollments } from "./enrollments";
import { refusals } from "./errors";
import { mqttRegistration } from "./mqttRegistration";
import { registrations } from "./registrations";
import { dpsRoutes } from "./routes";
import type { ProvisioningServiceSettings } from "./settings";

const largestBody = 256 * 1024;

/** Device Provisioning Service: the enrollment list over REST, the registration of devices over REST and MQTT. */
export const dpsPlane: Plane<ProvisioningServiceSettings> = {
    title: "provisioning service",
    scheme: "https",
    async start(given, { store, certificates }) {
        let current = given;
        const settings = () => current;
        const list = enrollments(given.name, store);
        const devices = registrations(settings, list, store, certificates.caPem);
        const device = deviceApi(settings, list, devices);
        const mqtt = await mqttRegistration(device);
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
            },
            async close() {
                await mqtt.close();
                await devices.close();
            },
            forget: () => deleteEnrollments(given.name, store),
        };
    },
};
