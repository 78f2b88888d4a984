import { idOf, inputsOf } from "../../../infra/provider/resourceId";
import { resources } from "../../../infra/provider/resources";

const group = "/subscriptions/s/resourceGroups/g/providers";
const hubId = `${group}/Microsoft.Devices/IotHubs/h`;
const hubHostName = "h.azure-devices.net";
const provisioningServiceId = `${group}/Microsoft.Devices/provisioningServices/d`;
const provisioningServiceHostName = "d.azure-devices-provisioning.net";
const tokenId = `${group}/Microsoft.ContainerRegistry/registries/r/tokens/t`;

const schemaOf = (name: string) => {
    const found = resources.find(({ schema }) => schema.name === name);
    if (!found) throw new Error(`Expected a resource ${name}.`);
    return found.schema;
};

describe("the id of a resource", () => {
    test.each<[string, string, Record<string, unknown>]>([
        ["Device", `${hubId}/devices/a:b$c`, { hubId, deviceId: "a:b$c" }],
        ["Device", `${hubHostName}/devices/7`, { hubHostName, deviceId: "7" }],
        ["Device", "localhost:8443/devices/d", { hubHostName: "localhost:8443", deviceId: "d" }],
        ["Deployment", `${hubId}/devices/d/deployment`, { hubId, deviceId: "d" }],
        ["Deployment", `${hubHostName}/devices/d/deployment`, { hubHostName, deviceId: "d" }],
        ["DeploymentCheck", `${hubId}/devices/d/checks/m`, { hubId, deviceId: "d", moduleName: "m" }],
        [
            "DeploymentCheck",
            `${hubHostName}/devices/d/checks/m`,
            { hubHostName, deviceId: "d", moduleName: "m" },
        ],
        [
            "Enrollment",
            `${provisioningServiceId}/enrollments/e`,
            { provisioningServiceId, registrationId: "e" },
        ],
        [
            "Enrollment",
            `${provisioningServiceHostName}/enrollments/e`,
            { provisioningServiceHostName, registrationId: "e" },
        ],
        [
            "EnrollmentGroup",
            `${provisioningServiceId}/enrollmentGroups/g`,
            { provisioningServiceId, groupId: "g" },
        ],
        [
            "EnrollmentGroup",
            `${provisioningServiceHostName}/enrollmentGroups/g`,
            { provisioningServiceHostName, groupId: "g" },
        ],
        ["RegistryTokenPassword", `${tokenId}/passwords/password3`, { tokenId, rotation: 3 }],
    ])("%s tells what it is: %s", (name, id, inputs) => {
        expect(inputsOf(schemaOf(name), id)).toEqual(inputs);
        expect(idOf(schemaOf(name), inputs)).toBe(id);
    });

    test("counts without letter case where Azure does", () => {
        const id = `${hubId.toUpperCase()}/Devices/Camera`;
        expect(inputsOf(schemaOf("Device"), id)).toEqual({ hubId: hubId.toUpperCase(), deviceId: "Camera" });
    });

    const inHub = "where SERVICE is the id of the IoT Hub in Azure Resource Manager or its host name";
    const inProvisioning =
        "where SERVICE is the id of the Device Provisioning Service in Azure Resource Manager or its host name";
    test.each<[string, string, string]>([
        [
            "Device",
            "camera-1",
            `Expected the id of a Device to be SERVICE/devices/DEVICEID, ${inHub}, found "camera-1".`,
        ],
        [
            "Device",
            `${provisioningServiceId}/devices/d`,
            `Expected the id of a Device to be SERVICE/devices/DEVICEID, ${inHub}, found "${provisioningServiceId}/devices/d". ` +
                "Expected hubId to be an id of the form /subscriptions/…/resourceGroups/…/providers/Microsoft.Devices/IotHubs/NAME, " +
                `found "${provisioningServiceId}".`,
        ],
        [
            "Deployment",
            `${hubId}/devices/d`,
            `Expected the id of a Deployment to be SERVICE/devices/DEVICEID/deployment, ${inHub}, found "${hubId}/devices/d".`,
        ],
        [
            "DeploymentCheck",
            `${hubId}/checks/m`,
            `Expected the id of a DeploymentCheck to be SERVICE/devices/DEVICEID/checks/MODULENAME, ${inHub}, found "${hubId}/checks/m".`,
        ],
        [
            "Enrollment",
            `${provisioningServiceId}/enrollments/a/b`,
            `Expected the id of a Enrollment to be SERVICE/enrollments/REGISTRATIONID, ${inProvisioning}, found "${provisioningServiceId}/enrollments/a/b".`,
        ],
        [
            "EnrollmentGroup",
            "https://d.azure-devices-provisioning.net/enrollmentGroups/g",
            `Expected the id of a EnrollmentGroup to be SERVICE/enrollmentGroups/GROUPID, ${inProvisioning}, ` +
                'found "https://d.azure-devices-provisioning.net/enrollmentGroups/g". Expected provisioningServiceHostName to be ' +
                'a host name such as my-hub.azure-devices.net, without a scheme, found "https://d.azure-devices-provisioning.net".',
        ],
        [
            "RegistryTokenPassword",
            tokenId,
            `Expected the id of a RegistryTokenPassword to be TOKENID/passwords/passwordROTATION, found "${tokenId}".`,
        ],
        [
            "RegistryTokenPassword",
            `${tokenId}/passwords/password0`,
            "Expected the id of a RegistryTokenPassword to be TOKENID/passwords/passwordROTATION, " +
                `found "${tokenId}/passwords/password0". Expected rotation to be a whole number from 1, found 0.`,
        ],
    ])("%s is refused where it is %s", (name, id, sentence) => {
        expect(() => inputsOf(schemaOf(name), id)).toThrow(new Error(sentence));
    });
});
