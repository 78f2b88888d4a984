import { z } from "zod";
import { deviceIdText } from "../device/deviceSchema";
import { about, anyObject, hubPlace, type ResourceSchema } from "../resourceSchema";
import { iotHub } from "../service/service";

export const deploymentSchema = {
    name: "Deployment",
    description:
        "The deployment manifest of one IoT Edge device: the modules it runs, their routes and desired properties. " +
        "Deleting it takes the modules off the device, waits up to a minute for its report, and leaves its runtime.",
    place: { service: iotHub, id: "hubId", hostName: "hubHostName" },
    id: "{place}/devices/{deviceId}/deployment",
    inputs: z.strictObject({
        ...hubPlace,
        deviceId: about(deviceIdText(), {
            description: "Name of the edge device in the hub.",
            replaceOnChanges: true,
        }),
        manifest: about(anyObject("an object with modulesContent, as in a deployment.json"), {
            description:
                "The manifest as in a `deployment.json`: an object with `modulesContent`. It is checked as hub, edgeAgent, " +
                "edgeHub and Docker would. Passwords of registries in it are kept secret.",
        }),
    }),
    outputs: z.strictObject({
        hubHostName: about(z.string(), { description: "Host name of the hub." }),
    }),
    example: `hubId: \${hub.id}
deviceId: camera-1
manifest:
  fn::fromJSON: \${deploymentJson}`,
} satisfies ResourceSchema;
