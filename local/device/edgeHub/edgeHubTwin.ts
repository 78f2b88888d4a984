import type { JsonObject } from "../../base/mergePatch";
import type { HubLink } from "../hubLink";
import { runtimeVersion } from "../runtimeVersion";
import type { EdgeHubOptions } from "./edgeHubOptions";
import { compileRoutes, type HubConfig, type Route, readHubConfig } from "./hubConfig";

/**
 * The twin of $edgeHub: asks for the routes that are in force, and reports what came of them and who is connected. `link`
 * is the connection of $edgeHub itself.
 */
export function edgeHubTwin({ deviceId, data, clock, log }: EdgeHubOptions, link: HubLink) {
    let inForce: { routes: Route[]; timeToLiveSecs: number } | undefined;
    let clients: JsonObject = {};

    /** A condition that does not compile is logged and not reported, as in edgeHub: it compiles after it has reported. */
    function apply(config: HubConfig): void {
        try {
            const routes = compileRoutes(config);
            inForce = { routes, timeToLiveSecs: config.timeToLiveSecs };
            log(`routes: ${routes.map(({ name }) => name).join(", ") || "none"}`);
        } catch (error) {
            log(`the routes stay as they were: ${(error as Error).message}`);
        }
    }

    function report(changes: JsonObject): void {
        const version = { version: runtimeVersion };
        link.report((reported) => ({ ...reported, schemaVersion: "1.0", version, clients, ...changes }));
    }

    return {
        /** The routes, and the time to live of messages; undefined before the first deployment. */
        inForce: () => inForce,
        /** Puts in force what the twin asked for last, for a start without the hub. */
        resume(): void {
            const last = data.config.get("newest");
            if (last) apply(readHubConfig(last));
        },
        /** Puts in force what the twin asks for now, and reports that; what cannot be read leaves the old routes. */
        configure(): void {
            const twin = link.open()?.twin();
            if (!twin) return;
            let lastDesiredStatus = { code: 200, description: "" };
            try {
                const config = readHubConfig(twin.desired);
                data.config.put("newest", twin.desired);
                apply(config);
            } catch (error) {
                const description = `Error while parsing desired properties - ${(error as Error).message}`;
                lastDesiredStatus = { code: 400, description };
                log(`desired properties ${twin.desiredVersion}: ${description}`);
            }
            report({ lastDesiredVersion: twin.desiredVersion, lastDesiredStatus });
        },
        noteClient(moduleId: string, status: "Connected" | "Disconnected"): void {
            const now = new Date(clock.now()).toISOString();
            const time = status === "Connected" ? "lastConnectedTimeUtc" : "lastDisconnectTimeUtc";
            clients = { ...clients, [twinKey(`${deviceId}/${moduleId}`)]: { status, [time]: now } };
            report({});
        },
    };
}

/** Writes a name as edgeHub does where it has to be a key of a twin (`TwinManager.cs`). */
function twinKey(name: string): string {
    return name.replace(/[.$#% ]/g, (character) => encodeURIComponent(character).replace(".", "%2E"));
}
