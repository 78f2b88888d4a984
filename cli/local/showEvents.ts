import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Step } from "../../setup/progress";

/** What an update came to, for the people who wait for it. */
export interface UpdateReport {
    /** Logical names of the resources that were created, changed or deleted, in the order of completion. */
    readonly changed: string[];
    /** Every error the engine reported, with the resource it belongs to. */
    readonly errors: { readonly resource: string; readonly message: string }[];
    /** What the program warned of. */
    readonly warnings: string[];
}

/** Shows an update as it goes, in `step`, and collects what it came to. */
export function showEvents(step: Step): { show: (event: EngineEvent) => void; report: UpdateReport } {
    const report: UpdateReport = { changed: [], errors: [], warnings: [] };
    const show = (event: EngineEvent) => {
        const { resourcePreEvent, resOutputsEvent, diagnosticEvent } = event;
        if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") {
            step.latest(`${resourcePreEvent.metadata.op} ${logicalName(resourcePreEvent.metadata.urn)}`);
        }
        if (resOutputsEvent && isChange(resOutputsEvent.metadata)) {
            report.changed.push(logicalName(resOutputsEvent.metadata.urn));
        }
        if (diagnosticEvent) {
            const message = plain(diagnosticEvent.message);
            if (diagnosticEvent.severity === "error") {
                report.errors.push({ resource: logicalName(diagnosticEvent.urn ?? ""), message });
            } else if (diagnosticEvent.severity === "warning") report.warnings.push(message);
            else if (diagnosticEvent.severity.startsWith("info") && message !== "") step.latest(message);
        }
    };
    return { show, report };
}

/** The errors as sentences, without the engine's own summary of how many there were. */
export function errorText(report: UpdateReport): string {
    return report.errors
        .filter(({ message }) => message !== "update failed" && message !== "")
        .map(({ resource, message }) => (resource === "" ? message : `${resource}: ${message}`))
        .join("\n");
}

/** Providers and the stack itself are the engine's own resources, not the program's. */
function isChange({ op, type }: { op: string; type: string }): boolean {
    return !["same", "read", "refresh"].includes(op) && !type.startsWith("pulumi:");
}

function logicalName(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

/** The engine marks colours as `<{%fg 1%}>`. */
function plain(message: string): string {
    return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}
