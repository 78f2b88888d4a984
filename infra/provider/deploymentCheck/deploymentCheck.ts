import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { defineResource, type Work } from "../resourceType";
import { deploymentCheckSchema } from "./deploymentCheckSchema";
import { httpAnswer } from "./httpAnswer";
import { type EdgeAgentTwin, moduleState } from "./moduleState";
import { waitForDeployment } from "./waitForDeployment";

type Inputs = z.output<typeof deploymentCheckSchema.inputs>;
type Outputs = z.output<typeof deploymentCheckSchema.outputs>;

/** Verifies a deployment as a resource, because a failing resource fails the update and a failing hook does not. */
export const deploymentCheck = defineResource(deploymentCheckSchema, {
    create: verify,

    /** There is nothing to be read: what was found then was found then. An import finds it out. */
    async read(named: Inputs, before: (Inputs & Outputs) | undefined, { service }: Work) {
        if (!before) throw new Error("Expected nothing to import: a check is made, by the next pulumi up.");
        const { hostName: hubHostName } = await service();
        return { inputs: named, outputs: { hubHostName, verdict: before.verdict } };
    },

    update: (_before: Inputs & Outputs, news: Inputs, work: Work) => verify(news, work),

    async delete() {},
});

async function verify(inputs: Inputs, { service, say }: Work): Promise<Outputs> {
    const hub = await service();
    const { deviceId, moduleName, image, url, timeoutSeconds, whenOffline } = inputs;
    const path = `/twins/${encodeURIComponent(deviceId)}/modules/$edgeAgent`;
    say(`Waiting for ${deviceId} to run ${moduleName}, up to ${timeoutSeconds} s`);
    const result = await waitForDeployment({
        timeoutSeconds,
        whenOffline,
        look: async () => {
            const twin = await hub.call<EdgeAgentTwin>({ method: "GET", path });
            const state = moduleState({ deviceId, ...twin }, moduleName, image);
            return state.awaits === undefined && url ? httpAnswer(url) : state;
        },
        say,
        now: () => performance.now() / 1000,
        sleep: (seconds) => sleep(seconds * 1000),
    });
    const verdict =
        result === "running"
            ? `${moduleName} runs ${image}${url ? ` and answers at ${url}` : ""}.`
            : `Warning: ${deviceId} has never connected, so that nothing was verified; ` +
              "it gets the deployment when it connects. Then check it with: pulumi config set whenOffline fail, pulumi up";
    say(verdict);
    return { hubHostName: hub.hostName, verdict };
}
