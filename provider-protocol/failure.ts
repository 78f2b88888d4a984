import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { RefusedError, UnfinishedCreation } from "./provider";

/** An error as the engine's protocol tells it: a creation that was begun keeps what is known of the resource. */
export function failureOf(error: Error): Pick<ServiceError, "code" | "details" | "metadata"> {
    const { message: details } = error;
    const metadata = new Metadata();
    if (!(error instanceof UnfinishedCreation)) {
        const code = error instanceof RefusedError ? status.FAILED_PRECONDITION : status.UNKNOWN;
        return { code, details, metadata };
    }
    const known = new ErrorResourceInitFailed()
        .setId(error.id)
        .setProperties(Struct.fromJavaScript(JSON.parse(JSON.stringify(error.properties))))
        .setReasonsList([details]);
    const packed = new Any();
    packed.pack(known.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const told = new Status().setCode(status.UNKNOWN).setMessage(details);
    told.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(told.serializeBinary()));
    return { code: status.UNKNOWN, details, metadata };
}
