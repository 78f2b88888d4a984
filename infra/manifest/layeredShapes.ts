import { z } from "zod";
import { credential, route, storeAndForward, userModule, variable } from "./manifestShape";

/**
 * What a layered deployment may set, by the path below `properties.desired` (learn: module-deployment-monitoring, layered
 * deployment); `*` is a name. A layer has no runtime modules of its own.
 */
export const layeredShapes: Readonly<Record<"$edgeAgent" | "$edgeHub", Readonly<Record<string, z.ZodType>>>> =
    {
        $edgeAgent: {
            "modules.*": userModule,
            ...Object.fromEntries(
                Object.entries(userModule.shape).map(([name, shape]) => [
                    `modules.*.${name}`,
                    shape as z.ZodType,
                ]),
            ),
            "modules.*.env.*": variable,
            "modules.*.settings.*": z.string("a text"),
            "runtime.settings.registryCredentials.*": credential,
        },
        $edgeHub: {
            "routes.*": route,
            storeAndForwardConfiguration: storeAndForward,
            "storeAndForwardConfiguration.timeToLiveSecs": storeAndForward.shape.timeToLiveSecs,
        },
    };
