import { sentence } from "../problem";
import { boundPorts, createOptionsProblems } from "./createOptionsProblems";
import { imageProblem } from "./imageProblem";
import { joinedCreateOptions } from "./joinedCreateOptions";
import type { ShapedManifest, ShapedModule } from "./manifestShape";
import { routeModules, routeProblem } from "./routeExpression";
import { shapeProblems } from "./shapeProblems";
import { twinProblems } from "./twinProblems";

/**
 * All that is wrong with a deployment manifest, a sentence each; none for one that the hub, edgeAgent, edgeHub and
 * Docker take. Holds it against the shape of the schemas 1.1 and against the rules that no schema knows. Pure, so that
 * a preview can ask before anything exists: leaves that are not known yet come as placeholders of their form.
 */
export function validateManifest(manifest: unknown): string[] {
    const { shaped, problems } = shapeProblems(manifest);
    // The further rules read parts that a manifest of the wrong shape may lack.
    if (!shaped) return [...new Set(problems)];
    const agent = shaped.modulesContent.$edgeAgent["properties.desired"];
    const modules = Object.entries(agent.modules);
    const all: [string, Pick<ShapedModule, "settings" | "env">, boolean][] = [
        ...Object.entries(agent.systemModules).map(
            ([name, module]) => [name, module, true] as [string, ShapedModule, boolean],
        ),
        ...modules.map(([name, module]) => [name, module, false] as [string, ShapedModule, boolean]),
    ];
    return [
        ...all.flatMap(([name, { settings }, isSystem]) => settingsProblems(name, settings, isSystem)),
        ...portProblems(all.map(([name, { settings }]) => [name, settings])),
        ...upstreamProblems(agent.systemModules),
        ...routeProblems(shaped),
        ...sectionProblems(shaped),
    ];
}

function settingsProblems(name: string, settings: ShapedModule["settings"], isSystem: boolean): string[] {
    const image = imageProblem(settings.image, `the image of ${name}`);
    const { options, problems } = joinedCreateOptions(settings, name);
    return [
        ...(image === undefined ? [] : [image]),
        ...problems,
        ...createOptionsProblems(options, `createOptions of ${name}`, isSystem),
    ];
}

function portProblems(modules: [string, ShapedModule["settings"]][]): string[] {
    const owners = new Map<string, string>();
    const problems: string[] = [];
    for (const [name, settings] of modules) {
        for (const port of boundPorts(joinedCreateOptions(settings, name).options)) {
            const owner = owners.get(port);
            if (owner !== undefined)
                problems.push(
                    `Expected port ${port} of the device to be bound once, found it in ${owner} and ${name}. The second would not start: give it another.`,
                );
            owners.set(port, name);
        }
    }
    return problems;
}

/** edgeAgent and edgeHub each speak to the hub, and each reads its own environment. */
function upstreamProblems(systemModules: {
    edgeAgent: Pick<ShapedModule, "env">;
    edgeHub: Pick<ShapedModule, "env">;
}): string[] {
    const value = (module: "edgeAgent" | "edgeHub", variable: string) =>
        systemModules[module].env?.[variable]?.value;
    const problems: string[] = [];
    for (const name of ["edgeAgent", "edgeHub"] as const) {
        const protocol = value(name, "UpstreamProtocol");
        if (protocol !== undefined && !/^(Amqp|Mqtt)(Ws)?$/i.test(String(protocol)))
            problems.push(
                `Expected UpstreamProtocol of ${name} to be Amqp, AmqpWs, Mqtt or MqttWs, found "${protocol}".`,
            );
        else if (value(name, "https_proxy") !== undefined && !/Ws$/i.test(String(protocol ?? "")))
            problems.push(
                `Expected UpstreamProtocol of ${name} to be AmqpWs or MqttWs because it has a proxy, found ${protocol ?? "none"}.`,
            );
    }
    const [ofAgent = "none", ofHub = "none"] = [
        value("edgeAgent", "UpstreamProtocol"),
        value("edgeHub", "UpstreamProtocol"),
    ];
    if (ofAgent !== ofHub)
        problems.push(
            `Expected UpstreamProtocol to be the same for edgeAgent and edgeHub, found ${ofAgent} and ${ofHub}.`,
        );
    return problems;
}

function routeProblems({ modulesContent }: ShapedManifest): string[] {
    const names = Object.keys(modulesContent.$edgeAgent["properties.desired"].modules);
    return Object.entries(modulesContent.$edgeHub["properties.desired"].routes).flatMap(([name, route]) => {
        const expression = typeof route === "string" ? route : route.route;
        const problem = routeProblem(expression);
        if (problem) return [sentence({ ...problem, expected: `route ${name} ${problem.expected}` })];
        return routeModules(expression)
            .filter((module) => !names.includes(module))
            .map(
                (module) =>
                    `Expected route ${name} to name modules of the manifest (${names.join(", ") || "it has none"}), found ${module}.`,
            );
    });
}

function sectionProblems({ modulesContent }: ShapedManifest): string[] {
    const names = Object.keys(modulesContent.$edgeAgent["properties.desired"].modules);
    return Object.entries(modulesContent).flatMap(([moduleId, sections]) => [
        ...(moduleId.startsWith("$edge") || names.includes(moduleId)
            ? []
            : [
                  `Expected desired properties only for modules of the manifest (${names.join(", ") || "it has none"}), found them for ${moduleId}.`,
              ]),
        ...Object.entries(sections).flatMap(([key, desired]) =>
            twinProblems(desired, key === "properties.desired" ? moduleId : `${moduleId}.${key.slice(19)}`),
        ),
    ]);
}
