import { z } from "zod";
import { deviceIdText } from "../device/deviceSchema";
import { about, hubPlace, type ResourceSchema } from "../resourceSchema";
import { iotHub } from "../service/service";

const text = (expected: string) => z.string(expected).min(1, expected);
const seconds = "a number of seconds from 1";

export const deploymentCheckSchema = {
    name: "DeploymentCheck",
    description:
        "Waits, when it is made and with each change, until a device reports a module running with the wanted image, and " +
        "the module answers over HTTP where a URL is given. An update whose check fails has failed, with the cause and " +
        "the fix. Nothing is made in the hub, and nothing deleted.",
    place: { service: iotHub, id: "hubId", hostName: "hubHostName" },
    id: "{place}/devices/{deviceId}/checks/{moduleName}",
    inputs: z.strictObject({
        ...hubPlace,
        deviceId: about(deviceIdText(), {
            description: "Name of the edge device in the hub.",
            replaceOnChanges: true,
        }),
        moduleName: about(text("the name of a module"), {
            description: "The module that must run.",
            replaceOnChanges: true,
        }),
        image: about(text("the name of an image"), {
            description: "The image that it must run, as the manifest names it.",
        }),
        url: about(text("a URL").optional(), {
            description:
                "Where the module must answer with success as well. Default: only the device's report counts.",
        }),
        timeoutSeconds: about(z.number(seconds).min(1, seconds).default(300), {
            description: "How long it is waited for.",
        }),
        whenOffline: about(z.enum(["fail", "accept"], "fail or accept").default("fail"), {
            description:
                "What becomes of a device that has never connected: `fail`, or `accept` with a warning.",
        }),
        triggers: about(z.record(z.string(), z.unknown(), "an object").optional(), {
            description: "Any change of these values checks again.",
        }),
    }),
    outputs: z.strictObject({
        hubHostName: about(z.string(), { description: "Host name of the hub." }),
        verdict: about(z.string(), { description: "What was found, a sentence." }),
    }),
    renewedBy: ["image", "url", "whenOffline", "triggers"],
    example: `hubId: \${hub.id}
deviceId: camera-1
moduleName: classifier
image: registry.example/classifier:1.0`,
} satisfies ResourceSchema;
