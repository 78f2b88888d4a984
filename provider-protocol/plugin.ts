import {
    credentials,
    type handleUnaryCall,
    Server,
    ServerCredentials,
    type ServerUnaryCall,
    type sendUnaryData,
} from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { failureOf } from "./failure";
import type { Log, Provider } from "./provider";
import { providerHandlers } from "./providerHandlers";

/**
 * Serves a provider as a Pulumi plugin: listens on a loopback port, prints it, and ends when the engine cancels. An engine
 * that did not start it, but attaches to it, says its address itself.
 */
export function servePlugin(
    version: string,
    engineAddress: string | undefined,
    start: (log: Log) => Provider,
): void {
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    const stop = () => server.tryShutdown(() => process.exit(0));
    const engine = engineLog(engineAddress);
    const handlers = {
        ...providerHandlers(start(engine.log), version),
        async attach(request: PluginAttach) {
            engine.attach(request.getAddress());
            return new Empty();
        },
        async cancel() {
            setImmediate(stop);
            return new Empty();
        },
    };
    const served = Object.entries(handlers).map(([name, handler]) => [name, unary(handler as Answer)]);
    // Every method left out answers UNIMPLEMENTED, which the engine tolerates for the optional ones.
    server.addService(ResourceProviderService as never, Object.fromEntries(served));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) throw error;
        process.stdout.write(`${port}\n`);
    });
    endWithEngine();
}

/**
 * An engine that was killed cancels nothing; what it started must not outlive it. It holds the other end of standard
 * input, which closes when it dies, however early that is.
 */
function endWithEngine(): void {
    process.stdin.once("close", () => process.exit(1)).resume();
    // The engine sends a signal once it needs nothing more, and then waits five seconds for whoever does not end.
    process.once("SIGTERM", () => process.exit(0));
    process.once("SIGINT", () => process.exit(0));
}

type Answer = (request: unknown) => Promise<unknown>;

function unary(answer: Answer): handleUnaryCall<unknown, unknown> {
    return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
        answer(call.request).then(
            (response) => callback(null, response),
            (error: Error) => callback(failureOf(error)),
        );
    };
}

function engineLog(address: string | undefined): { log: Log; attach(address: string): void } {
    // The engine is on this machine; gRPC would ask the proxy that the environment names.
    const direct = { "grpc.enable_http_proxy": 0 };
    const connect = (to: string) => new EngineClient(to, credentials.createInsecure(), direct);
    let engine = address === undefined ? undefined : connect(address);
    return {
        log({ urn }, line) {
            const request = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(line).setUrn(urn);
            // A line that cannot be shown is no reason to fail the operation that it belongs to.
            engine?.log(request, () => {});
        },
        attach: (to) => {
            engine = connect(to);
        },
    };
}
