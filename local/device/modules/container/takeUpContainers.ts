import type { DockerEngine } from "../../../docker/dockerEngine";
import type { ModuleRecord } from "../moduleRecords";
import type { LeftModule, RunningModule } from "../moduleRuntime";
import {
    type DeviceContainers,
    type FoundContainer,
    inspectContainer,
    moduleLabel,
    removeContainer,
} from "./deviceContainers";

/** What it takes to take up the containers of one device. */
export interface TakeUp {
    engine: DockerEngine;
    containers: DeviceContainers;
    /** Follows a container that runs. */
    follow(engine: DockerEngine, id: string, moduleId: string): RunningModule;
    log(line: string): void;
}

/**
 * Takes up the containers that an earlier run of this program left: says how the recorded modules are, and removes a
 * container that no record knows.
 */
export async function takeUpContainers(
    device: TakeUp,
    found: FoundContainer[],
    records: readonly ModuleRecord[],
): Promise<Map<string, LeftModule>> {
    const left = new Map<string, LeftModule>();
    for (const container of found) {
        const name = container.Labels[moduleLabel] ?? "";
        const record = records.find(({ desired }) => desired.name === name);
        if (record?.container !== container.Id) {
            await removeContainer(device.engine, container.Id);
            device.log(`removed a container of ${name} that nobody knew`);
            continue;
        }
        const how = await stateOf(device, container, record);
        if (how) left.set(name, how);
    }
    for (const { desired, container, runtimeStatus } of records) {
        const isGone = !found.some(({ Id }) => Id === container);
        if (isGone && runtimeStatus === "running") left.set(desired.name, { ended: true });
    }
    return left;
}

/** How a recorded module is now; undefined when it did not run before either. */
async function stateOf(
    { engine, containers, follow }: TakeUp,
    { Id, State }: FoundContainer,
    { desired, runtimeStatus }: ModuleRecord,
): Promise<LeftModule | undefined> {
    if (State === "running") {
        await containers.openReach(engine, desired.name);
        return { running: follow(engine, Id, desired.name) };
    }
    if (runtimeStatus !== "running") return undefined;
    return { exitCode: (await inspectContainer(engine, Id)).State.ExitCode };
}
