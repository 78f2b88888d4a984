import { setTimeout as sleep } from "node:timers/promises";
import { deploymentFailure } from "./deploymentFailure";
import { hubClient } from "./hubClient";
import { type EdgeAgentTwin, type ModuleState, moduleState } from "./moduleState";
import { waitForDeployment } from "./waitForDeployment";

/**
 * The deployment's check, run as a command: waits until the device reports the module running with the wanted image
 * and, where a URL is given, until the module answers there. Exit code 1 comes with the cause and the fix.
 */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
    const setting = (name: string) => {
        const value = env[name];
        if (!value) throw new Error(`Expected the environment variable ${name}, found none.`);
        return value;
    };
    const moduleName = setting("CHECK_MODULE");
    const image = setting("CHECK_IMAGE");
    const timeoutSeconds = Number(setting("CHECK_TIMEOUT_SECONDS"));
    const hub = hubClient(setting("CHECK_HUB_CONNECTION_STRING"));
    const deviceId = setting("CHECK_DEVICE_ID");
    const twinPath = `/twins/${encodeURIComponent(deviceId)}/modules/$edgeAgent`;
    const url = env.CHECK_URL;

    console.error(`Waiting for ${deviceId} to run ${moduleName}, up to ${timeoutSeconds} s`);
    const result = await waitForDeployment({
        timeoutSeconds,
        whenOffline: env.CHECK_WHEN_OFFLINE === "accept" ? "accept" : "fail",
        look: async () => {
            const twin = await hub<EdgeAgentTwin>({ method: "GET", path: twinPath });
            const state = moduleState({ deviceId, ...twin }, moduleName, image);
            return state.awaits === undefined && url ? answer(url) : state;
        },
        say: (line) => console.error(line),
        now: () => performance.now() / 1000,
        sleep: (seconds) => sleep(seconds * 1000),
    });
    console.log(
        result === "running"
            ? `${moduleName} runs ${image}${url ? ` and answers at ${url}` : ""}.`
            : `Warning: ${deviceId} has never connected, so that nothing was verified; ` +
                  "it gets the deployment when it connects. Then check it with: pulumi config set whenOffline fail, pulumi up",
    );
}

/** Asks the module itself; it may still be loading its model when the device reports it running. */
async function answer(url: string): Promise<ModuleState> {
    const awaits = "answers over HTTP";
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await response.body?.cancel();
        if (response.ok) return { awaits: undefined, description: `${url} answers` };
        const { status } = response;
        return {
            awaits,
            description: `${url} answers ${status}`,
            failure: deploymentFailure({ kind: "unwell", url, status }),
        };
    } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        // Where several addresses were tried, the error has a code and no message.
        const { message, code } = cause as NodeJS.ErrnoException;
        const reason = message || code || String(cause);
        return {
            awaits,
            description: `${url} does not answer: ${reason}`,
            failure: deploymentFailure({ kind: "unreachable", url, reason }),
        };
    }
}

main(process.env).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
