import { type ZodType, z } from "zod";
import { HubError, type HubErrorName } from "./errors";

/** Reads the body of a request as `schema` says; refuses with the path and reason of each fault. */
export function parseBody<T>(
    schema: ZodType<T>,
    body: unknown,
    refusal: HubErrorName = "ArgumentInvalid",
): T {
    if (body === undefined) throw new HubError("ArgumentNull", "The request has no body");
    const result = schema.safeParse(body);
    if (result.success) return result.data;
    throw new HubError(refusal, `BadRequest: ${z.prettifyError(result.error).replace(/\s*\n\s*/g, " ")}`);
}

const id = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;

/** Refuses a device or module id with other characters than the service takes, or more than 128 of them. */
export function checkId(kind: "device" | "module", value: string): void {
    if (!id.test(value)) {
        throw new HubError(
            "ArgumentInvalid",
            `The ${kind} id '${value}' is not made of 1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '`,
        );
    }
}
