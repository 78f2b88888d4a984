import { type CheckFailure, type Properties, secret, unknownValue } from "../../provider-protocol/provider";
import { type AzureSettings, azureVariables, readAzureSettings } from "./azure/azureSettings";
import { parseConnectionString } from "./service/connectionString";
import { iotHub, provisioningService } from "./service/service";
import type { AccessSettings } from "./service/serviceAccess";
import { packageName } from "./token";

/** A setting of the provider itself: one says it in a stack's configuration, of a provider resource, or in a variable. */
export interface ProviderVariable {
    readonly name: string;
    /** Environment variables, the first that is set counts. */
    readonly env: readonly string[];
    readonly type: "string" | "boolean";
    readonly secret?: true;
    readonly description: string;
}

const services = [iotHub, provisioningService];

/** Everything that can be said of the provider: how the services are opened, and then how one signs in to Azure. */
export const providerVariables: readonly ProviderVariable[] = [
    {
        name: "hubAuth",
        env: [],
        type: "string",
        description:
            "How hubs that are named by `hubId` are opened: `key` asks Azure Resource Manager for a policy's key each time, " +
            "`entra` uses the identity of whoever deploys. Default: `key`, unless the hub has local authentication disabled.",
    },
    {
        name: "hubPolicyName",
        env: [],
        type: "string",
        description:
            "The hub's shared access policy whose key is asked for. Default: the one with the fewest rights that suffice " +
            "(RegistryWrite and ServiceConnect).",
    },
    ...services.map(({ name, connectionString }) => ({
        name: connectionString.name,
        env: [connectionString.variable],
        type: "string" as const,
        secret: true as const,
        description: `Service connection string of the ${name} that resources name by its host name, for one that whoever deploys has no rights to in Azure Resource Manager.`,
    })),
    ...azureVariables,
];

/** Says what is wrong with the configuration of the provider, and marks what is secret in it. */
export function checkConfiguration(news: Properties): { inputs: Properties; failures: CheckFailure[] } {
    const failures: CheckFailure[] = [];
    const inputs: Properties = {};
    for (const [property, value] of Object.entries(news)) {
        const known = providerVariables.find(({ name }) => name === property);
        inputs[property] = known?.secret && value !== unknownValue ? secret(value) : value;
        // The engine's own: where the plugin comes from.
        if (!known && !["version", "pluginDownloadURL"].includes(property)) {
            const names = providerVariables.map(({ name }) => name).join(", ");
            failures.push({ property, reason: `Expected ${property} to be one of ${names}.` });
        }
    }
    const { hubAuth } = news;
    if (hubAuth !== undefined && hubAuth !== unknownValue && hubAuth !== "key" && hubAuth !== "entra") {
        failures.push({
            property: "hubAuth",
            reason: `Expected hubAuth to be key or entra, found "${hubAuth}".`,
        });
    }
    for (const { name: property } of services.map(({ connectionString }) => connectionString)) {
        const value = news[property];
        if (typeof value !== "string" || value === unknownValue) continue;
        const reason = problemOf(() => parseConnectionString(value, property));
        if (reason) failures.push({ property, reason });
    }
    return { inputs, failures };
}

/** The configuration with what the environment adds to it. `variables` are named as the engine names them. */
export function readConfiguration(
    variables: Readonly<Record<string, string>>,
    env: NodeJS.ProcessEnv,
): { azure: AzureSettings; access: AccessSettings } {
    const config = configurationOf(packageName, variables);
    const connectionStrings = services.map(({ connectionString: { name, variable } }) => [
        name,
        config[name] || env[variable] || undefined,
    ]);
    return {
        azure: readAzureSettings(config, env),
        access: {
            hubAuth: config.hubAuth as AccessSettings["hubAuth"],
            hubPolicyName: config.hubPolicyName,
            connectionStrings: Object.fromEntries(connectionStrings),
        },
    };
}

/** The configuration of one package, out of keys of the form `PACKAGE:config:NAME` or `PACKAGE:NAME`. */
function configurationOf(name: string, variables: Readonly<Record<string, string>>): Record<string, string> {
    const own = new RegExp(`^${name}:(?:config:)?(.+)$`);
    return Object.fromEntries(
        Object.entries(variables).flatMap(([key, value]) => {
            const [, short] = own.exec(key) ?? [];
            return short === undefined ? [] : [[short, value]];
        }),
    );
}

function problemOf(act: () => unknown): string | undefined {
    try {
        act();
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
