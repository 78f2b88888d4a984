import type { ManifestParts } from "./manifestParts";

/** edgeAgent and edgeHub each speak to the hub, and each reads its own environment: names of protocols that none has. */
export function upstreamProblems(parts: ManifestParts): string[] {
    return systemModules(parts).flatMap(({ name, protocol }) =>
        protocol === undefined || /^(Amqp|Mqtt)(Ws)?$/i.test(protocol)
            ? []
            : [
                  `Expected UpstreamProtocol of ${name} to be Amqp, AmqpWs, Mqtt or MqttWs, found "${protocol}".`,
              ],
    );
}

/** What the production checklist advises against: a proxy without WebSockets, two protocols. */
export function upstreamCautions(parts: ManifestParts): string[] {
    const modules = systemModules(parts);
    const cautions = modules
        .filter(({ hasProxy, protocol }) => hasProxy && !/Ws$/i.test(protocol ?? ""))
        .map(
            ({ name, protocol }) =>
                `Expected UpstreamProtocol of ${name} to be AmqpWs or MqttWs because it has a proxy, found ${protocol ?? "none"}.`,
        );
    const [ofAgent, ofHub] = ["edgeAgent", "edgeHub"].map(
        (name) => modules.find((module) => module.name === name)?.protocol ?? "none",
    );
    if (ofAgent?.toLowerCase() !== ofHub?.toLowerCase())
        cautions.push(
            `Expected UpstreamProtocol to be the same for edgeAgent and edgeHub, found ${ofAgent} and ${ofHub}.`,
        );
    return cautions;
}

function systemModules({ modules }: ManifestParts) {
    return modules
        .filter(({ isSystem }) => isSystem)
        .map(({ name, env }) => {
            const protocol = env?.UpstreamProtocol?.value;
            return {
                name,
                protocol: protocol === undefined ? undefined : String(protocol),
                hasProxy: env?.https_proxy !== undefined,
            };
        });
}
