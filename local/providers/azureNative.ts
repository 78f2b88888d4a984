import { randomUUID } from "node:crypto";
import { propertyDiff } from "../../provider-protocol/propertyDiff";
import {
    isObject,
    type NameProposal,
    type Provider,
    RefusedError,
    UnfinishedCreation,
    unknownValue,
} from "../../provider-protocol/provider";
import { type ArmResource, armId, normalizeLocation, subscriptionId } from "../arm/armResource";
import { UnfinishedChange } from "../arm/managementCall";
import type { Properties, ResourceType } from "../arm/resourceType";
import { functionOf, resourceTypeOf } from "../arm/resourceTypes";
import { clientId, tenantId } from "../planes/entra/tenant";
import type { Management } from "./management";

/** The function of the provider itself, about whoever deploys (pulumi-azure-native `schema/gen.go`, `genMixins`). */
const getClientConfig = "azure-native:authorization:getClientConfig";
/** The genuine provider sets this input for names with a random part: Diff sees that a replacement can come first. */
const createBeforeDelete = "__createBeforeDelete";
const idPrefix = `/subscriptions/${subscriptionId}/`;

/** Whether these inputs, as they are in a state, have a name that Check made up. */
export function isMadeUp(inputs: Properties): boolean {
    return inputs[createBeforeDelete] === true;
}

/**
 * Stands in for azure-native 3.28.0: its Check (required inputs, auto-names, default location), Diff, and CRUD against
 * the local Azure's management endpoint. Whatever the resource table does not know is an error.
 */
export function azureNative(management: Management, env: NodeJS.ProcessEnv = {}): Provider {
    let configuredLocation: string | undefined;

    async function locationOf(resourceGroupName: unknown): Promise<string | undefined> {
        if (resourceGroupName === unknownValue) return unknownValue;
        if (typeof resourceGroupName !== "string") return undefined;
        return (
            await management.find(
                armId("Microsoft.Resources/resourceGroups", resourceGroupName, resourceGroupName),
            )
        )?.location;
    }

    return {
        configure(variables) {
            // The genuine provider reads both, in this order.
            const foreign = variables["azure-native:config:subscriptionId"] || env.ARM_SUBSCRIPTION_ID || "";
            if (foreign !== "" && foreign !== subscriptionId) {
                throw new RefusedError(
                    `Expected no subscription or the local one (${subscriptionId}), found ${foreign}. ` +
                        "This stack runs on the local Azure; remove azure-native:subscriptionId from its configuration, " +
                        "and ARM_SUBSCRIPTION_ID from the environment.",
                );
            }
            configuredLocation = variables["azure-native:config:location"];
        },

        async check(resource, olds, news, names) {
            const type = resourceTypeOf(resource.type);
            const inputs: Properties = { ...type.defaults, ...news };
            const failures = unknownInputs(type, news);
            if (inputs[type.name.property] === undefined) {
                Object.assign(inputs, autoName(type, resource.name, olds, names));
            }
            if (type.inputs.includes("location") && inputs.location === undefined) {
                inputs.location =
                    olds.location ?? configuredLocation ?? (await locationOf(inputs.resourceGroupName));
            }
            inputs.azureApiVersion = type.apiVersion;
            return { inputs, failures: [...failures, ...missing(type, inputs), ...wrongName(type, inputs)] };
        },

        async diff(resource, oldInputs, news) {
            const type = resourceTypeOf(resource.type);
            const olds = { ...oldInputs };
            if (sameLocation(olds.location, news.location)) olds.location = news.location;
            const changes = propertyDiff(olds, news);
            changes.delete(createBeforeDelete);
            const replaces = type.replaceOnChange.filter((property) =>
                [...changes.keys()].some((path) => path === property || path.startsWith(`${property}.`)),
            );
            return {
                changes,
                replaces,
                deleteBeforeReplace: news[createBeforeDelete] !== true,
            };
        },

        async create(resource, inputs, preview) {
            const type = resourceTypeOf(resource.type);
            if (preview) return { id: "", properties: previewOutputs(type, inputs) };
            const id = type.idOf(inputs);
            if (await management.find(id)) throw new Error(`cannot create already existing resource "${id}"`);
            const created = await management.put(id, type.toBody(sdkInputs(inputs))).catch((error: Error) => {
                if (!(error instanceof UnfinishedChange)) throw error;
                throw new UnfinishedCreation(id, outputs(type, error.accepted as ArmResource), error.message);
            });
            return { id: created.id, properties: outputs(type, created) };
        },

        async read(resource, id, inputs, state) {
            const type = resourceTypeOf(resource.type);
            refuseForeign(id);
            const found = await management.find(id);
            if (!found) return undefined;
            const properties = outputs(type, found);
            return { inputs: withDrift(inputs, state, properties), properties };
        },

        async update(resource, id, news, _state, preview) {
            const type = resourceTypeOf(resource.type);
            if (preview) return previewOutputs(type, news);
            refuseForeign(id);
            return outputs(type, await management.put(id, type.toBody(sdkInputs(news))));
        },

        async delete(_resource, id) {
            refuseForeign(id);
            await management.remove(id);
        },

        async invoke(token, args) {
            if (token === getClientConfig) return { clientId, objectId: clientId, subscriptionId, tenantId };
            const { type, function: found } = functionOf(token);
            for (const property of found.required) {
                if (args[property] === undefined)
                    throw new Error(`missing required property '${property}' in ${token}`);
            }
            const id = type.idOf(args);
            if (found.action) return management.post(`${id}/${found.action(args)}`);
            const resource = await management.get(id);
            return { ...outputs(type, resource), id: resource.id };
        },
    };
}

function unknownInputs(type: ResourceType, news: Properties) {
    return Object.keys(news)
        .filter((property) => !type.inputs.includes(property) && property !== "azureApiVersion")
        .map((property) => ({ property, reason: `${type.token} has no property '${property}'` }));
}

/** The name in the URN and 8 hexadecimal digits of the engine's seed, or what the engine proposes. */
function autoName(type: ResourceType, name: string, olds: Properties, names: NameProposal): Properties {
    const before = olds[type.name.property];
    if (before !== undefined)
        return { [type.name.property]: before, [createBeforeDelete]: olds[createBeforeDelete] };
    if (names.proposedName) return { [type.name.property]: names.proposedName };
    const random =
        names.randomSeed.length > 0
            ? Buffer.from(names.randomSeed).toString("hex")
            : randomUUID().replaceAll("-", "");
    return { [type.name.property]: `${name}${random.slice(0, 8)}`, [createBeforeDelete]: true };
}

function missing(type: ResourceType, inputs: Properties) {
    const required = type.inputs.includes("location") ? [...type.required, "location"] : type.required;
    return required
        .filter((property) => inputs[property] === undefined)
        .map((property) => ({
            property: "",
            reason:
                `missing required property '${property}'` +
                (property === "location"
                    ? ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
                    : ""),
        }));
}

function wrongName(type: ResourceType, inputs: Properties) {
    const name = inputs[type.name.property];
    if (typeof name !== "string" || name === unknownValue || type.name.pattern.test(name)) return [];
    const { property, rule, pattern } = type.name;
    return [
        { property, reason: `'${name}' does not match expression '${pattern.source}': expected ${rule}` },
    ];
}

function sameLocation(before: unknown, after: unknown): boolean {
    if (typeof before !== "string" || typeof after !== "string") return false;
    return normalizeLocation(before) === normalizeLocation(after);
}

function outputs(type: ResourceType, resource: ArmResource): Properties {
    return { ...type.toOutputs(resource), azureApiVersion: type.apiVersion };
}

/** In a preview every property of the response is unknown unless it is an input. */
function previewOutputs(type: ResourceType, inputs: Properties): Properties {
    const outputs: Properties = {};
    for (const property of type.inputs) {
        if (inputs[property] !== undefined) outputs[property] = inputs[property];
    }
    for (const property of type.computed) outputs[property] = unknownValue;
    return outputs;
}

/** Old inputs plus what somebody changed outside; defaults that the server fills in do not become inputs. */
function withDrift(inputs: Properties, before: Properties, now: Properties): Properties {
    const result: Properties = { ...inputs };
    for (const [key, value] of Object.entries(inputs)) {
        if (!(key in now) || key === "location") continue;
        if (isObject(value) && isObject(before[key]) && isObject(now[key])) {
            result[key] = withDrift(value, before[key], now[key]);
        } else if (JSON.stringify(before[key]) !== JSON.stringify(now[key])) result[key] = now[key];
    }
    return result;
}

function sdkInputs(inputs: Properties): Properties {
    const { [createBeforeDelete]: _, azureApiVersion, ...rest } = inputs;
    return rest;
}

function refuseForeign(id: string): void {
    if (id.startsWith(idPrefix)) return;
    throw new RefusedError(
        `Expected a resource of the local subscription (${idPrefix}…), found ${id}. ` +
            "This state belongs to a real subscription; it must not be used with the local Azure.",
    );
}
