import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Collection } from "../../base/store";
import type { Deployment, DesiredModule } from "../agent/deployment";
import type { Step } from "../agent/plan";
import type { Clock } from "../clock";
import { parseImageReference } from "./imageReference";
import type { ModuleRecord } from "./moduleRecord";
import type { DeviceImage, ModuleRuntime, RunningModule } from "./moduleRuntime";
import type { ModuleRuntimes } from "./moduleRuntimes";
import { statusAfterExit } from "./restartPolicy";

/** The modules of one device: makes, starts, watches and stops them, and keeps a record of each. */
export interface ModuleSupervisor {
    records(): ReadonlyMap<string, ModuleRecord>;
    /** Whether the image of a module that was made is still on the device. */
    hasImage(record: ModuleRecord): boolean;
    /** Notes which status is wanted of each module; all else that changes makes a new module. */
    noteWanted(modules: DesiredModule[]): void;
    /** Does one step of a plan; throws a sentence when it fails, with the record saying so where there is one. */
    perform(step: Step, deployment: Deployment, signal: AbortSignal): Promise<void>;
    /** Stops and starts a module because somebody asked for it. */
    restart(name: string): Promise<void>;
    /** Removes the images that no module needs. */
    dropUnusedImages(): Promise<void>;
    /** Takes up containers, and ends processes, that an earlier run of this program left when it was killed. */
    takeUp(): Promise<void>;
    /** Stops every module; the device starts them when it is on again. */
    powerOff(): Promise<void>;
}

export interface SupervisorOptions {
    folder: string;
    runtimes: ModuleRuntimes;
    kept: Collection<ModuleRecord>;
    clock: Clock;
    log(line: string): void;
    /** A module ended by itself. */
    onExit(): void;
}

export function superviseModules(options: SupervisorOptions): ModuleSupervisor {
    const { kept, clock, runtimes, log } = options;
    const records = new Map(kept.entries());
    const running = new Map<string, RunningModule>();
    mkdirSync(join(options.folder, "logs"), { recursive: true, mode: 0o700 });

    function save(record: ModuleRecord): ModuleRecord {
        kept.put(record.desired.name, record);
        records.set(record.desired.name, record);
        return record;
    }

    function find(name: string): ModuleRecord {
        const record = records.get(name);
        if (!record) throw new Error(`The device has no module ${name}.`);
        return record;
    }

    async function imageOf(
        module: DesiredModule,
        deployment: Deployment,
        signal: AbortSignal,
    ): Promise<{ runtime: ModuleRuntime; image: DeviceImage }> {
        const reference = parseImageReference(module.image);
        const here = await runtimes.find(reference);
        if (here) return here;
        if (module.imagePullPolicy === "never") {
            throw new Error(
                `The image ${module.image} of ${module.name} is not on the device, and imagePullPolicy is never.`,
            );
        }
        const known = deployment.registryCredentials.find(({ address }) => address === reference.server);
        const account = { server: reference.server, ...known };
        log(`pulling ${module.image}`);
        const runtime = await runtimes.choose(reference, account, signal);
        return { runtime, image: await runtime.pull(reference, account, signal) };
    }

    async function create(module: DesiredModule, deployment: Deployment, signal: AbortSignal): Promise<void> {
        const { runtime, image } = await imageOf(module, deployment, signal);
        signal.throwIfAborted();
        const old = records.get(module.name);
        if (old) {
            await halt(module.name);
            await runtimes.of(old).remove(old);
        }
        save({
            desired: module,
            digest: image.digest,
            imageHash: image.imageHash,
            runtime: runtime.kind,
            runtimeStatus: "stopped",
            statusDescription: "created",
            exitCode: 0,
            restartCount: 0,
            awaitsStart: true,
        });
        try {
            const traces = await runtime.create(module, image);
            save({ ...find(module.name), ...traces });
        } catch (error) {
            ended({ ...find(module.name), awaitsStart: false }, failure(error));
            throw error;
        }
        log(`created module ${module.name} from ${module.image} to run as a ${runtime.kind}`);
        if (module.status === "running") await start(module.name);
    }

    async function start(name: string, changes: Partial<ModuleRecord> = {}): Promise<void> {
        const record = { ...find(name), ...changes, awaitsStart: false };
        try {
            const started = await runtimes.of(record).start(record, (traces) => {
                const now = { runtimeStatus: "running", statusDescription: "running", exitCode: 0 } as const;
                save({ ...record, ...now, ...traces, lastStart: clock.now() });
            });
            watch(name, started);
            log(`started module ${name} as ${started.title}`);
        } catch (error) {
            ended(record, failure(error));
            throw error;
        }
    }

    function watch(name: string, module: RunningModule): void {
        running.set(name, module);
        void module.exited.then((exitCode) => {
            // One that the device itself stops is no longer listed.
            if (running.get(name) !== module) return;
            running.delete(name);
            ended(find(name), { exitCode, statusDescription: `exited with code ${exitCode}` });
            options.onExit();
        });
    }

    function ended(record: ModuleRecord, how: { exitCode: number; statusDescription: string }): void {
        const runtimeStatus = statusAfterExit(record.desired, how.exitCode !== 0, record.restartCount);
        const { process: _gone, ...rest } = record;
        save({ ...rest, ...how, runtimeStatus, lastExit: clock.now() });
        log(`module ${record.desired.name}: ${how.statusDescription} (${runtimeStatus})`);
    }

    /** Ends the module, when it runs, and waits until it has ended. */
    async function halt(name: string): Promise<void> {
        const module = running.get(name);
        running.delete(name);
        await module?.stop();
        const exitCode = await module?.exited;
        const { process: _gone, ...record } = find(name);
        save({
            ...record,
            ...(exitCode !== undefined && { exitCode, lastExit: clock.now() }),
            runtimeStatus: "stopped",
            statusDescription: "stopped by the device",
            restartCount: 0,
            awaitsStart: true,
        });
        log(`stopped module ${name}`);
    }

    async function remove(name: string): Promise<void> {
        await halt(name);
        await runtimes.of(find(name)).remove(find(name));
        kept.remove(name);
        records.delete(name);
        log(`removed module ${name}`);
    }

    return {
        records: () => records,
        hasImage: (record) => runtimes.of(record).hasImage(record.digest),
        noteWanted(modules) {
            for (const { name, status } of modules) {
                const record = records.get(name);
                if (record && record.desired.status !== status) {
                    save({ ...record, desired: { ...record.desired, status } });
                }
            }
        },
        async perform(step, deployment, signal) {
            if (step.kind === "create") return create(step.module, deployment, signal);
            const { kind, name } = step;
            if (kind === "remove") return remove(name);
            if (kind === "stop") return halt(name);
            if (kind === "forgetRestarts") return void save({ ...find(name), restartCount: 0 });
            if (kind === "start") return start(name);
            return start(name, { restartCount: find(name).restartCount + 1, lastRestart: clock.now() });
        },
        async restart(name) {
            const { restartCount } = find(name);
            await halt(name);
            await start(name, { restartCount: restartCount + 1, lastRestart: clock.now() });
        },
        async dropUnusedImages() {
            await runtimes.keepOnly(new Set([...records.values()].map(({ digest }) => digest)));
        },
        async takeUp() {
            for (const [name, left] of await runtimes.takeUp([...records.values()])) {
                const { process: _gone, ...record } = find(name);
                if ("running" in left) {
                    save({ ...record, runtimeStatus: "running", statusDescription: "running", exitCode: 0 });
                    watch(name, left.running);
                    log(`module ${name} ran without its device and is taken up as ${left.running.title}`);
                } else if ("exitCode" in left) {
                    const { exitCode } = left;
                    ended(record, { exitCode, statusDescription: `exited with code ${exitCode}` });
                } else {
                    save({ ...record, ...powerCycled(record), lastExit: clock.now() });
                    log(`module ${name} ran without its device and was stopped`);
                }
            }
        },
        async powerOff() {
            const names = [...running.keys()];
            await Promise.all(names.map(halt));
            for (const name of names) save({ ...find(name), ...powerCycled(find(name)) });
        },
    };
}

/** A module that could not be made or started counts as one that failed at once. */
function failure(error: unknown) {
    return { exitCode: 1, statusDescription: (error as Error).message };
}

/** As with containers after a reboot: a module that is never restarted stays down. */
function powerCycled({ desired }: Pick<ModuleRecord, "desired">) {
    return {
        runtimeStatus: "stopped",
        statusDescription: "stopped with the device",
        awaitsStart: desired.restartPolicy !== "never",
    } as const;
}
