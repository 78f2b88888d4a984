import type { ShapedManifest } from "./manifestShape";

const latest = 4_294_967_295;

/** What the stated versions of the schemas do not have: edgeAgent and edgeHub refuse it, or read it as if it were not there. */
export function versionProblems({ modulesContent }: ShapedManifest): string[] {
    const agent = modulesContent.$edgeAgent["properties.desired"];
    const hub = modulesContent.$edgeHub["properties.desired"];
    const minor = (version: string) => Number(version.split(".")[1]);
    const problems: string[] = [];
    if (minor(agent.schemaVersion) === 0) {
        for (const [name, { startupOrder }] of Object.entries(agent.modules)) {
            if (startupOrder !== undefined && startupOrder !== latest)
                problems.push(
                    `Expected $edgeAgent.modules.${name} without startupOrder in schemaVersion ${agent.schemaVersion}, found ${startupOrder}. Write schemaVersion 1.1.`,
                );
        }
    }
    if (minor(hub.schemaVersion) === 0) {
        for (const [name, route] of Object.entries(hub.routes)) {
            if (typeof route !== "string")
                problems.push(
                    `Expected $edgeHub.routes.${name} to be a text in schemaVersion ${hub.schemaVersion}, found an object. Write schemaVersion 1.1.`,
                );
        }
    }
    for (const [member, since] of [
        ["mqttBroker", 2],
        ["integrity", 3],
    ] as const) {
        if (hub[member] !== undefined && minor(hub.schemaVersion) < since)
            problems.push(
                `Expected $edgeHub without ${member} in schemaVersion ${hub.schemaVersion}, found it. edgeHub passes over it before 1.${since}.`,
            );
    }
    return problems;
}
