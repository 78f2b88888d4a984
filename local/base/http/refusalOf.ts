import { type HttpService, Refusal } from "./service";

/** What a service says of an error: its own refusals as they are; any other is a fault of ours, and logged with its place. */
export function refusalOf(
    { name, refusals }: Pick<HttpService, "name" | "refusals">,
    error: unknown,
): Refusal {
    if (error instanceof Refusal) return error;
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return refusals.internal(error instanceof Error ? error.message : String(error));
}
