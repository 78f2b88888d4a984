import {
    credentials,
    type handleUnaryCall,
    Metadata,
    Server,
    ServerCredentials,
    type ServerUnaryCall,
    type sendUnaryData,
    status,
} from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../arm/resourceType";
import { type Diff, isObject, type Log, type Provider, RefusedError, resourceName } from "./provider";

/**
 * Serves a provider as a Pulumi plugin: listens on a loopback port, prints it, and ends when the engine cancels. The
 * engine keeps secrets to itself (acceptSecrets is false, as for the genuine azure-native), and previews reach create
 * and update.
 */
export function servePlugin(version: string, engineAddress: string, start: (log: Log) => Provider): void {
    const provider = start(engineLog(engineAddress));
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    const stop = () => server.tryShutdown(() => process.exit(0));

    const handlers = {
        getPluginInfo: unary<Empty, PluginInfo>(async () => info(version)),
        configure: unary<messages.ConfigureRequest, messages.ConfigureResponse>(async (request) => {
            provider.configure?.(Object.fromEntries(request.getVariablesMap().toArray()));
            const response = new messages.ConfigureResponse();
            response.setSupportspreview(true);
            response.setSupportsAutonamingConfiguration(true);
            return response;
        }),
        check: unary<messages.CheckRequest, messages.CheckResponse>(async (request) => {
            const checked = await provider.check(
                resourceName(request.getUrn()),
                object(request.getOlds()),
                object(request.getNews()),
                {
                    randomSeed: request.getRandomseed_asU8(),
                    proposedName: request.getAutonaming()?.getProposedName() || undefined,
                },
            );
            const response = new messages.CheckResponse();
            response.setInputs(struct(checked.inputs));
            response.setFailuresList(
                checked.failures.map(({ property, reason }) => {
                    const failure = new messages.CheckFailure();
                    failure.setProperty(property);
                    failure.setReason(reason);
                    return failure;
                }),
            );
            return response;
        }),
        diff: unary<messages.DiffRequest, messages.DiffResponse>(async (request) => {
            const olds = object(request.getOldInputs());
            const news = object(request.getNews());
            for (const path of request.getIgnorechangesList()) restore(news, olds, path);
            const diff = await provider.diff(
                resourceName(request.getUrn()),
                olds,
                news,
                object(request.getOlds()),
            );
            return diffResponse(diff);
        }),
        create: unary<messages.CreateRequest, messages.CreateResponse>(async (request) => {
            const created = await provider.create(
                resourceName(request.getUrn()),
                object(request.getProperties()),
                request.getPreview(),
            );
            const response = new messages.CreateResponse();
            response.setId(created.id);
            response.setProperties(struct(created.properties));
            return response;
        }),
        read: unary<messages.ReadRequest, messages.ReadResponse>(async (request) => {
            const found = await provider.read(
                resourceName(request.getUrn()),
                request.getId(),
                object(request.getInputs()),
                object(request.getProperties()),
            );
            const response = new messages.ReadResponse();
            // An empty id tells the engine that the resource is gone.
            response.setId(found ? request.getId() : "");
            response.setInputs(struct(found?.inputs ?? {}));
            response.setProperties(struct(found?.properties ?? {}));
            return response;
        }),
        update: unary<messages.UpdateRequest, messages.UpdateResponse>(async (request) => {
            const properties = await provider.update(
                resourceName(request.getUrn()),
                request.getId(),
                object(request.getNews()),
                object(request.getOlds()),
                request.getPreview(),
            );
            const response = new messages.UpdateResponse();
            response.setProperties(struct(properties));
            return response;
        }),
        delete: unary<messages.DeleteRequest, Empty>(async (request) => {
            await provider.delete(
                resourceName(request.getUrn()),
                request.getId(),
                object(request.getProperties()),
            );
            return new Empty();
        }),
        invoke: unary<messages.InvokeRequest, messages.InvokeResponse>(async (request) => {
            const response = new messages.InvokeResponse();
            response.setReturn(struct(await provider.invoke(request.getTok(), object(request.getArgs()))));
            return response;
        }),
        cancel: unary<Empty, Empty>(async () => {
            setImmediate(stop);
            return new Empty();
        }),
    };
    // Every method left out answers UNIMPLEMENTED, which the engine tolerates for the optional ones.
    server.addService(ResourceProviderService as never, handlers as never);
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) throw error;
        process.stdout.write(`${port}\n`);
    });
    endWithEngine();
    // The engine is through with everything when it sends one, and waits five seconds for whoever does not end.
    process.once("SIGTERM", () => process.exit(0));
    process.once("SIGINT", () => process.exit(0));
}

/**
 * An engine that was killed cancels nothing; what it started must not outlive it. It holds the other end of standard
 * input, which closes when it dies, however early that is.
 */
function endWithEngine(): void {
    process.stdin.once("close", () => process.exit(1)).resume();
}

function unary<Request, Response>(
    answer: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
        answer(call.request).then(
            (response) => callback(null, response),
            (error: Error) =>
                callback({
                    code: error instanceof RefusedError ? status.FAILED_PRECONDITION : status.UNKNOWN,
                    details: error.message,
                    metadata: new Metadata(),
                }),
        );
    };
}

function info(version: string): PluginInfo {
    const answer = new PluginInfo();
    answer.setVersion(version);
    return answer;
}

function diffResponse(diff: Diff): messages.DiffResponse {
    const kinds = messages.PropertyDiff.Kind;
    const response = new messages.DiffResponse();
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    response.setChanges(diff.changes.size > 0 ? DIFF_SOME : DIFF_NONE);
    response.setHasdetaileddiff(true);
    response.setReplacesList([...diff.replaces]);
    response.setDeletebeforereplace(diff.replaces.length > 0 && diff.deleteBeforeReplace);
    for (const [path, change] of diff.changes) {
        const replaces = diff.replaces.some(
            (property) => path === property || path.startsWith(`${property}.`),
        );
        const kind = {
            add: replaces ? kinds.ADD_REPLACE : kinds.ADD,
            delete: replaces ? kinds.DELETE_REPLACE : kinds.DELETE,
            update: replaces ? kinds.UPDATE_REPLACE : kinds.UPDATE,
        }[change];
        const property = new messages.PropertyDiff();
        property.setKind(kind);
        property.setInputdiff(true);
        response.getDetaileddiffMap().set(path, property);
    }
    return response;
}

/** `ignoreChanges`: the old value stands, at the top level or below. */
function restore(news: Properties, olds: Properties, path: string): void {
    const [head = "", ...rest] = path.split(".");
    if (rest.length === 0) {
        if (head in olds) news[head] = olds[head];
        else delete news[head];
        return;
    }
    if (isObject(news[head]) && isObject(olds[head])) restore(news[head], olds[head], rest.join("."));
}

function engineLog(address: string): Log {
    const engine = new EngineClient(address, credentials.createInsecure());
    return (resource, line) => {
        const request = new LogRequest();
        request.setSeverity(LogSeverity.INFO);
        request.setMessage(line);
        request.setUrn(resource.urn);
        // A line that cannot be shown is no reason to fail the operation it tells of.
        engine.log(request, () => {});
    };
}

function object(value: Struct | undefined): Properties {
    return (value?.toJavaScript() ?? {}) as Properties;
}

/** Struct knows no `undefined`: such properties are left out. */
function struct(value: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}
