import { setTimeout as sleep } from "node:timers/promises";
import { hubClient } from "./hubClient";
import { type EdgeAgentTwin, type ModuleState, moduleState } from "./moduleState";

/**
 * The deployment's check, run as a command: waits until the device reports the module running with the wanted image
 * and, where a URL is given, until the module answers there. Prints each stage; exit code 1 names what was found last.
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
    const twinPath = `/twins/${encodeURIComponent(setting("CHECK_DEVICE_ID"))}/modules/$edgeAgent`;
    const url = env.CHECK_URL;

    console.error(`Waiting for the device to run ${moduleName}, up to ${timeoutSeconds} s`);
    await waitUntilRunning(timeoutSeconds, async () => {
        const state = moduleState(
            await hub<EdgeAgentTwin>({ method: "GET", path: twinPath }),
            moduleName,
            image,
        );
        return state.stage === "running" && url ? answer(url) : state;
    });
    console.log(`${moduleName} runs ${image}${url ? ` and answers at ${url}` : ""}.`);
}

async function waitUntilRunning(timeoutSeconds: number, look: () => Promise<ModuleState>): Promise<void> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    let last = "";
    // Twin reads are metered as messages, so the pauses grow.
    for (let pauseMs = 200; ; pauseMs = Math.min(pauseMs * 1.3, 5000)) {
        const { stage, description } = await look();
        if (stage === "running") return;
        if (stage === "failed") throw new Error(`The deployment failed: ${description}.`);
        if (description !== last) console.error(`  ${description}`);
        last = description;
        if (Date.now() > deadline) {
            throw new Error(
                `Waited ${timeoutSeconds} s for the module; last seen: ${description}. ` +
                    "Look at the module's log on the device, mend the cause and repeat the command.",
            );
        }
        await sleep(pauseMs);
    }
}

/** Asks the module itself; it may still be loading its model when the device reports it running. */
async function answer(url: string): Promise<ModuleState> {
    try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await response.body?.cancel();
        if (response.ok) return { stage: "running", description: `${url} answers` };
        return { stage: "waiting", description: `${url} answers ${response.status}` };
    } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const reason = cause instanceof Error ? cause.message : String(cause);
        return { stage: "waiting", description: `${url} does not answer: ${reason}` };
    }
}

main(process.env).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
