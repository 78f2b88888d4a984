import { type Outputs, program } from "../../../infra/program";
import { allRegistered, mockEngine, type RegisteredResource } from "../../support/pulumiMocks";

/** What a run of the program has registered, and what it tells. */
export interface DeployedProgram {
    readonly resources: RegisteredResource[];
    readonly outputs: Outputs;
}

/** Runs the program with these settings of its own; `secrets` are those that are set with `--secret`. */
export async function deployProgram(
    settings: Record<string, string>,
    secrets: Record<string, string> = {},
): Promise<DeployedProgram> {
    // The SDK keeps a stack trace of every resource, and maps each to its source: the most of the time that this takes.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
        const resources = await mockEngine(
            "dev",
            { "azure-native:location": "westeurope", ...named(settings), ...named(secrets) },
            Object.keys(named(secrets)),
        );
        const outputs = await program({});
        await allRegistered(resources);
        return { resources, outputs };
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}

function named(settings: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]),
    );
}
