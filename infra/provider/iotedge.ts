import { propertyDiff } from "../../provider-protocol/propertyDiff";
import {
    type Log,
    type Properties,
    type Provider,
    type ResourceName,
    unknownValue,
} from "../../provider-protocol/provider";
import { type AzureAccount, azureAccount } from "./azure/azureAccount";
import { checkInputs } from "./checkInputs";
import { checkConfiguration, readConfiguration } from "./configuration";
import { ownerMark } from "./ownerMark";
import { placeDiff } from "./placeDiff";
import { providerSchema } from "./providerSchema";
import { idOf, inputsOf } from "./resourceId";
import { aboutProperty } from "./resourceSchema";
import { resources } from "./resources";
import type { ResourceType, Work } from "./resourceType";
import { markSecrets } from "./secrets";
import { type OpenService, serviceClients } from "./service/serviceClient";
import { found } from "./service/serviceError";
import { typeToken } from "./token";

/**
 * The provider of what lies in an IoT Hub, its provisioning service and a registry, and no Azure provider covers. What its
 * configuration does not say of who deploys, the environment does, as azure-native reads it.
 */
export function iotedge(log: Log, env: NodeJS.ProcessEnv): Provider {
    let account: AzureAccount;
    let open: OpenService;
    /** What this run has made: by where it lies, since an id may name that in two ways. */
    let made: Set<string>;

    function workOn({ schema }: ResourceType, resource: ResourceName, properties: Properties): Work {
        return {
            account,
            owner: ownerMark(resource.urn),
            say: (line) => log(resource, line),
            service: () => {
                if (!schema.place) throw new Error(`${schema.name} lies in no service.`);
                const { service, id, hostName } = schema.place;
                return open(service, {
                    id: properties[id] as string | undefined,
                    hostName: properties[id] === undefined ? (properties[hostName] as string) : undefined,
                });
            },
        };
    }

    return {
        schema: () => JSON.stringify(providerSchema()),
        checkConfig: checkConfiguration,

        configure(variables) {
            const { azure, access } = readConfiguration(variables, env);
            account = azureAccount(azure);
            open = serviceClients(account, access);
            made = new Set();
        },

        async check(resource, _olds, news) {
            const type = typeOf(resource);
            const { inputs, failures } = checkInputs(type, news);
            return { inputs: marked(type, inputs), failures };
        },

        async diff(resource, olds, news, state) {
            const type = typeOf(resource);
            const { schema } = type;
            const { before, moved } = await placeDiff(schema, olds, news, state, open);
            const changes = propertyDiff(before, news);
            const replaced = [...changes.keys()].filter(
                (path) => aboutProperty(schema.inputs, path).replaceOnChanges,
            );
            const replaces = [...replaced, ...moved];
            // What is made anew under the name that it has would be deleted right after.
            return { changes, replaces, deleteBeforeReplace: replaces.length === 0 };
        },

        async create(resource, inputs, preview) {
            const type = typeOf(resource);
            if (preview) return { id: "", properties: marked(type, { ...unknownOutputs(type), ...inputs }) };
            const outputs = await type.behaviour.create(inputs, workOn(type, resource, inputs));
            const properties = { ...inputs, ...outputs };
            made.add(placeOf(type, properties));
            return { id: idOf(type.schema, inputs), properties: marked(type, properties) };
        },

        async read(resource, id, inputs, state) {
            const type = typeOf(resource);
            const isImported = Object.keys(inputs).length === 0;
            const named = isImported ? inputsOf(type.schema, id) : inputs;
            const work = workOn(type, resource, named);
            const resourceFound = await found(
                type.behaviour.read(named, isImported ? undefined : state, work),
            );
            if (!resourceFound) return undefined;
            const properties = { ...resourceFound.inputs, ...resourceFound.outputs };
            return { inputs: marked(type, resourceFound.inputs), properties: marked(type, properties) };
        },

        async update(resource, _id, news, state, preview) {
            const type = typeOf(resource);
            if (preview) return marked(type, { ...plannedOutputs(type, state, news), ...news });
            const outputs = await type.behaviour.update(state, news, workOn(type, resource, news));
            return marked(type, { ...news, ...outputs });
        },

        // What is gone already, or lies in a service that is gone, counts as deleted.
        async delete(resource, _id, state) {
            const type = typeOf(resource);
            // `pulumi up --replace` makes the new one first, which took over the one that has its name: it stays.
            if (made.has(placeOf(type, state))) return;
            await found(type.behaviour.delete(state, workOn(type, resource, state)));
        },
    };
}

/** The resource's id with its service's host name in it. */
function placeOf({ schema }: ResourceType, properties: Properties): string {
    const named = schema.place ? { ...properties, [schema.place.id]: undefined } : properties;
    return `${schema.name} ${idOf(schema, named)}`.toLowerCase();
}

function typeOf({ type }: ResourceName): ResourceType {
    const known = resources.find(({ schema }) => typeToken(schema.name) === type);
    if (known) return known;
    const names = resources.map(({ schema }) => typeToken(schema.name)).join(", ");
    throw new Error(`Expected one of the types ${names}, found ${type}.`);
}

function marked({ schema, behaviour }: ResourceType, properties: Properties): Properties {
    const hidden = behaviour.hide?.(properties) ?? properties;
    return {
        ...markSecrets(schema.outputs, hidden),
        ...markSecrets(schema.inputs, pick(hidden, schema.inputs.shape)),
    };
}

function pick(properties: Properties, shape: object): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([name]) => name in shape));
}

function unknownOutputs({ schema }: ResourceType): Properties {
    return mapKeys(schema.outputs.shape, () => unknownValue);
}

/** The outputs after an update, as far as they are known before it. */
function plannedOutputs({ schema }: ResourceType, state: Properties, news: Properties): Properties {
    const known = pick(state, schema.outputs.shape);
    const isRenewed = schema.renewedBy?.some(
        (name) => propertyDiff({ of: state[name] }, { of: news[name] }).size > 0,
    );
    if (!isRenewed) return known;
    // Where it lies stays; all else that it has was made from what is renewed.
    return mapKeys(known, (name) => (name === schema.place?.hostName ? known[name] : unknownValue));
}

function mapKeys(properties: object, value: (name: string) => unknown): Properties {
    return Object.fromEntries(Object.keys(properties).map((name) => [name, value(name)]));
}
