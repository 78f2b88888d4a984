import { EngineError, type EngineResult, openEngine } from "../../local/engine/engine";
import type { StackFolder } from "../../local/engine/stackFolder";
import { openLocalStack } from "../../local/localStack";
import { type CommandContext, engineFolder } from "../context";
import { CommandError, exitCodes } from "../exitCodes";
import { errorText, showEvents, type UpdateReport } from "./showEvents";

/** An update that succeeded. */
export interface Update extends EngineResult {
    readonly ms: number;
}

/** Starts the local Azure where it does not run and brings the stack up, showing each stage. */
export async function localUp(context: CommandContext, stack: StackFolder): Promise<Update> {
    return update(context, stack, "up");
}

/** Takes everything in the stack away; the local Azure goes on running. */
export async function localDestroy(context: CommandContext, stack: StackFolder): Promise<Update> {
    return update(context, stack, "destroy");
}

async function update(
    context: CommandContext,
    stack: StackFolder,
    operation: "up" | "destroy",
): Promise<Update> {
    const engines = engineFolder(context);
    const starting = context.progress.begin("Local Azure");
    const { environment, endpoints } = await openLocalStack(stack, engines, context.env).catch((error) => {
        starting.fail();
        throw error;
    });
    starting.done(`process ${endpoints.pid}, management on ${endpoints.managementUrl}`);

    const step = context.progress.begin(operation === "up" ? "Pulumi up" : "Pulumi destroy");
    step.doing(
        `stack ${stack.stack}, the genuine engine on the program of a cloud stack`,
        "about 10 s the first time",
    );
    const started = performance.now();
    const { show, report } = showEvents(step);
    try {
        const engine = await openEngine(stack, engines, environment, context.env);
        const result = await engine.update(operation, show);
        const ms = Math.round(performance.now() - started);
        step.done(summary(result.changes, report));
        for (const warning of report.warnings) context.progress.say(`Warning: ${warning}`);
        return { ...result, ms };
    } catch (error) {
        step.fail();
        throw failure(error, report);
    }
}

function summary(changes: EngineResult["changes"], report: UpdateReport): string {
    const counts = Object.entries(changes)
        .map(([operation, count]) => `${count} ${participle(operation)}`)
        .join(", ");
    return report.changed.length > 0 ? `${counts}: ${[...new Set(report.changed)].join(" ")}` : counts;
}

function participle(operation: string): string {
    return (
        { create: "created", update: "updated", delete: "deleted", same: "unchanged", replace: "replaced" }[
            operation
        ] ?? operation
    );
}

/** The engine's events tell the reasons; what it says beside them is that there were some. */
function failure(error: unknown, report: UpdateReport): unknown {
    const text = errorText(report);
    if (!(error instanceof EngineError) || text === "") return error;
    const verification = report.errors.some(({ resource }) => resource === "check");
    return new CommandError(verification ? exitCodes.verificationFailed : exitCodes.failed, text, {
        cause: error,
    });
}
