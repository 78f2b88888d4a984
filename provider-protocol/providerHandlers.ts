import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
    type CheckFailure,
    type Diff,
    isObject,
    type Properties,
    type Provider,
    resourceName,
} from "./provider";

/**
 * The methods of Pulumi's provider protocol, answered by a provider that knows nothing of its messages. The engine keeps
 * secrets to itself (acceptSecrets is false, as for the genuine azure-native), and previews reach create and update.
 */
export function providerHandlers(provider: Provider, version: string) {
    return {
        getPluginInfo: async () => new PluginInfo().setVersion(version),
        async getSchema() {
            if (!provider.schema)
                throw new Error("Expected a provider with a schema, found a stand-in without.");
            return new messages.GetSchemaResponse().setSchema(provider.schema());
        },
        async checkConfig(request: messages.CheckRequest) {
            const news = object(request.getNews());
            return checkResponse(provider.checkConfig?.(news) ?? { inputs: news, failures: [] });
        },
        // Another way to sign in, or another cloud, is no reason to make anything anew.
        diffConfig: async () =>
            new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_UNKNOWN),
        async configure(request: messages.ConfigureRequest) {
            provider.configure?.(Object.fromEntries(request.getVariablesMap().toArray()));
            return new messages.ConfigureResponse()
                .setSupportspreview(true)
                .setSupportsAutonamingConfiguration(true);
        },
        async invoke(request: messages.InvokeRequest) {
            const token = request.getTok();
            if (!provider.invoke)
                throw new Error(
                    `Expected no function of the ${token.split(":")[0]} provider, found ${token}.`,
                );
            const found = await provider.invoke(token, object(request.getArgs()));
            return new messages.InvokeResponse().setReturn(struct(found));
        },
        check: (request: messages.CheckRequest) => check(provider, request),
        async diff(request: messages.DiffRequest) {
            const olds = object(request.getOldInputs());
            const news = object(request.getNews());
            for (const path of request.getIgnorechangesList()) restore(news, olds, path);
            const state = object(request.getOlds());
            return diffResponse(await provider.diff(resourceName(request.getUrn()), olds, news, state));
        },
        async create(request: messages.CreateRequest) {
            const inputs = object(request.getProperties());
            const created = await provider.create(
                resourceName(request.getUrn()),
                inputs,
                request.getPreview(),
            );
            return new messages.CreateResponse().setId(created.id).setProperties(struct(created.properties));
        },
        read: (request: messages.ReadRequest) => read(provider, request),
        async update(request: messages.UpdateRequest) {
            const properties = await provider.update(
                resourceName(request.getUrn()),
                request.getId(),
                object(request.getNews()),
                object(request.getOlds()),
                request.getPreview(),
            );
            return new messages.UpdateResponse().setProperties(struct(properties));
        },
        async delete(request: messages.DeleteRequest) {
            const state = object(request.getProperties());
            await provider.delete(resourceName(request.getUrn()), request.getId(), state);
            return new Empty();
        },
    };
}

async function check(provider: Provider, request: messages.CheckRequest): Promise<messages.CheckResponse> {
    const checked = await provider.check(
        resourceName(request.getUrn()),
        object(request.getOlds()),
        object(request.getNews()),
        {
            randomSeed: request.getRandomseed_asU8(),
            proposedName: request.getAutonaming()?.getProposedName() || undefined,
        },
    );
    return checkResponse(checked);
}

function checkResponse({ inputs, failures }: { inputs: Properties; failures: CheckFailure[] }) {
    const told = failures.map(({ property, reason }) =>
        new messages.CheckFailure().setProperty(property).setReason(reason),
    );
    return new messages.CheckResponse().setInputs(struct(inputs)).setFailuresList(told);
}

async function read(provider: Provider, request: messages.ReadRequest): Promise<messages.ReadResponse> {
    const inputs = object(request.getInputs());
    const state = object(request.getProperties());
    const found = await provider.read(resourceName(request.getUrn()), request.getId(), inputs, state);
    // Without id and properties the engine knows that the resource is gone, or that there is none to be imported.
    if (!found) return new messages.ReadResponse();
    return new messages.ReadResponse()
        .setId(request.getId())
        .setInputs(struct(found.inputs))
        .setProperties(struct(found.properties));
}

function diffResponse({ changes, replaces, deleteBeforeReplace }: Diff): messages.DiffResponse {
    const kinds = messages.PropertyDiff.Kind;
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    const response = new messages.DiffResponse()
        .setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE)
        .setHasdetaileddiff(true)
        .setReplacesList([...replaces])
        .setDeletebeforereplace(deleteBeforeReplace);
    for (const [path, change] of changes) {
        const isReplaced = replaces.some(
            (property) =>
                path === property || path.startsWith(`${property}.`) || path.startsWith(`${property}[`),
        );
        const kind = {
            add: isReplaced ? kinds.ADD_REPLACE : kinds.ADD,
            delete: isReplaced ? kinds.DELETE_REPLACE : kinds.DELETE,
            update: isReplaced ? kinds.UPDATE_REPLACE : kinds.UPDATE,
        }[change];
        response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kind).setInputdiff(true));
    }
    return response;
}

/** Applies `ignoreChanges`: the property at `path`, at the top level or below, keeps its old value. */
function restore(news: Properties, olds: Properties, path: string): void {
    const [head = "", ...rest] = path.split(".");
    if (rest.length === 0) {
        if (head in olds) news[head] = olds[head];
        else delete news[head];
        return;
    }
    if (isObject(news[head]) && isObject(olds[head])) restore(news[head], olds[head], rest.join("."));
}

function object(value: Struct | undefined): Properties {
    return (value?.toJavaScript() ?? {}) as Properties;
}

/** Makes a message of properties, without those that are `undefined`, which a Struct cannot hold. */
function struct(value: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}
