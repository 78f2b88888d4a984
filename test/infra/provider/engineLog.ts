import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { until } from "../../support/waiting";

/** The part of an engine that shows the lines of its providers. */
export interface EngineLog {
    readonly address: string;
    readonly lines: { urn: string; message: string }[];
    /** The line of a number from 0, once it has come. */
    line(index: number): Promise<{ urn: string; message: string }>;
    close(): void;
}

export async function startEngineLog(): Promise<EngineLog> {
    const lines: EngineLog["lines"] = [];
    const server = new Server();
    server.addService(EngineService as never, {
        log(call: ServerUnaryCall<LogRequest, Empty>, callback: sendUnaryData<Empty>) {
            lines.push({ urn: call.request.getUrn(), message: call.request.getMessage() });
            callback(null, new Empty());
        },
    });
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    return {
        address: `127.0.0.1:${port}`,
        lines,
        line: (index) => until(`line ${index} of the log`, () => lines[index]),
        close: () => server.forceShutdown(),
    };
}
