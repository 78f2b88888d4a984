import type { Command } from "commander";
import { runningLocalAzure } from "../../local/background";
import { type LocalStatus, localStatus } from "../../local/status";
import { type CommonOptions, commandContext, namedStack, withCommonOptions } from "../context";
import { CommandError, exitCodes } from "../exitCodes";

/** Adds `edge local status`. */
export function addStatus(local: Command): void {
    withCommonOptions(local.command("status"))
        .addHelpText("after", "\nExample: npm run -s edge -- local status --json")
        .action(status);
}

async function status(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = namedStack(context, options);
    if (!runningLocalAzure(stack)) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected the local Azure of stack ${stack.stack} to be running, found it stopped. Start it with: npm run edge -- local start`,
        );
    }
    const found = await localStatus(stack.azure);
    if (context.json) context.writeJson(found);
    else writeStatus(found, context.writeLine);
}

/** Writes the status as aligned lines: hub, registry, then each device with its modules, then processes. */
function writeStatus(status: LocalStatus, writeLine: (line: string) => void): void {
    const row = (title: string, ...columns: string[]) =>
        writeLine(`${title.padEnd(20)} ${columns.join("  ")}`.trimEnd());
    row("hub", status.hub?.hostName ?? "none");
    row("registry", status.registry?.loginServer ?? "none");
    for (const { deviceId, connected, provisioning, modules } of status.devices) {
        row(`device ${deviceId}`, connected ? "connected" : "not connected", provisioningText(provisioning));
        for (const { name, status: state, runtime, restarts, url, image } of modules) {
            row(`  ${name}`, `${state} as a ${runtime}`, url ?? "", `${restarts} restarts`, image);
        }
    }
    if (status.faults !== null) row("faults", status.faults);
    for (const { name, pid } of status.processes) row(`process ${pid}`, name);
}

/** How a device is provisioned: nothing where it was set up by hand, as most are. */
function provisioningText(found: LocalStatus["devices"][number]["provisioning"]): string {
    if (found.source === "manual") return "";
    const { idScope, registrationId, assignedHub, error } = found;
    const by = `by dps ${idScope} as ${registrationId}`;
    return assignedHub === null ? `registers ${by}${error === null ? "" : `: ${error}`}` : `registered ${by}`;
}
