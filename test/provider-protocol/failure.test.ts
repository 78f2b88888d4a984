import { status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { failureOf } from "../../provider-protocol/failure";
import { RefusedError, UnfinishedCreation } from "../../provider-protocol/provider";

const detailsKey = "grpc-status-details-bin";

test("a creation that was begun tells the engine the resource's id, what is known of it, and why", () => {
    const { code, details, metadata } = failureOf(
        new UnfinishedCreation("/a/hub", { location: "westeurope", unset: undefined }, "Nobody answers."),
    );
    expect({ code, details }).toEqual({ code: status.UNKNOWN, details: "Nobody answers." });
    const [told] = metadata.get(detailsKey) as Buffer[];
    const [packed] = Status.deserializeBinary(told ?? Buffer.alloc(0)).getDetailsList();
    const known = packed?.unpack(
        ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
    );
    expect(known?.getId()).toBe("/a/hub");
    expect(known?.getProperties()?.toJavaScript()).toEqual({ location: "westeurope" });
    expect(known?.getReasonsList()).toEqual(["Nobody answers."]);
});

test("any other failure tells its sentence, and one that must not be touched is a failed precondition", () => {
    expect(failureOf(new Error("No."))).toMatchObject({ code: status.UNKNOWN, details: "No." });
    expect(failureOf(new RefusedError("Theirs."))).toMatchObject({ code: status.FAILED_PRECONDITION });
    expect(failureOf(new Error("No.")).metadata.get(detailsKey)).toEqual([]);
});
