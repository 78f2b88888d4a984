import type { LocalStatus } from "../local/status";

/** Writes the status as aligned lines: hub, registry, then each device with its modules, then processes. */
export function writeStatus(status: LocalStatus, writeLine: (line: string) => void): void {
    const row = (title: string, ...columns: string[]) =>
        writeLine(`${title.padEnd(20)} ${columns.join("  ")}`.trimEnd());
    row("hub", status.hub?.hostName ?? "none");
    row("registry", status.registry?.loginServer ?? "none");
    for (const { deviceId, connected, modules } of status.devices) {
        row(`device ${deviceId}`, connected ? "connected" : "not connected");
        for (const { name, status: state, runtime, restarts, url, image } of modules) {
            row(`  ${name}`, `${state} as a ${runtime}`, url ?? "", `${restarts} restarts`, image);
        }
    }
    if (status.faults !== null) row("faults", status.faults);
    for (const { name, pid } of status.processes) row(`process ${pid}`, name);
}
