import type { DockerEngine } from "../../../docker/dockerEngine";
import type { ModuleRecord } from "../moduleRecords";
import type { LeftModule, RunningModule } from "../moduleRuntime";
import { type FoundContainer, inspectContainer, moduleLabel, removeContainer } from "./deviceContainers";

/**
 * Takes up the containers that an earlier run of this program left: says how the recorded modules are, and removes a
 * container that no record knows. `follow` takes up one that runs.
 */
export async function takeUpContainers(
    engine: DockerEngine,
    found: FoundContainer[],
    records: readonly ModuleRecord[],
    follow: (id: string, moduleId: string) => Promise<RunningModule>,
    log: (line: string) => void,
): Promise<Map<string, LeftModule>> {
    const left = new Map<string, LeftModule>();
    for (const { Id, State, Labels } of found) {
        const name = Labels[moduleLabel] ?? "";
        const record = records.find(({ desired }) => desired.name === name);
        if (record?.container !== Id) {
            await removeContainer(engine, Id);
            log(`removed a container of ${name} that nobody knew`);
        } else if (State === "running") left.set(name, { running: await follow(Id, name) });
        else if (record.runtimeStatus === "running")
            left.set(name, { exitCode: (await inspectContainer(engine, Id)).State.ExitCode });
    }
    for (const { desired, container, runtimeStatus } of records) {
        const isGone = !found.some(({ Id }) => Id === container);
        if (isGone && runtimeStatus === "running") left.set(desired.name, { ended: true });
    }
    return left;
}
