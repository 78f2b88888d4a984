import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Collection } from "../store";
import type { Clock } from "./clock";
import { readCreateOptions } from "./createOptions";
import type { Deployment, DesiredModule } from "./desired";
import { parseImageReference } from "./imageReference";
import type { Images, LocalImage } from "./images";
import { type ModuleProcess, startProcess, stopOrphan } from "./moduleProcess";
import type { ModuleRecord } from "./moduleRecord";
import type { Step } from "./plan";
import { type Environment, processSpec } from "./processRuntime";
import { statusAfterExit } from "./restartPolicy";

/** The modules of one device: makes, starts, watches and stops them, and keeps a record of each. */
export interface ModuleSupervisor {
    records(): ReadonlyMap<string, ModuleRecord>;
    /** Notes which status is wanted of each module; all else that changes makes a new module. */
    noteWanted(modules: DesiredModule[]): void;
    /** Does one step of a plan; throws a sentence when it fails, with the record saying so where there is one. */
    perform(step: Step, deployment: Deployment, signal: AbortSignal): Promise<void>;
    /** Ends what an earlier run of this program left running when it was killed, before anything is started. */
    stopOrphans(): Promise<void>;
    /** Stops every module; the device starts them when it is on again. */
    powerOff(): Promise<void>;
}

export interface SupervisorOptions {
    deviceId: string;
    hubHostName: string;
    generationId(moduleId: string): string;
    folder: string;
    images: Images;
    kept: Collection<ModuleRecord>;
    environment: Environment;
    clock: Clock;
    log(line: string): void;
    /** A module ended by itself. */
    onExit(): void;
}

export function superviseModules(options: SupervisorOptions): ModuleSupervisor {
    const { kept, clock, images, log } = options;
    const records = new Map(kept.entries());
    const processes = new Map<string, ModuleProcess>();
    const logs = join(options.folder, "logs");
    const home = (name: string) => join(options.folder, "modules", name);
    mkdirSync(logs, { recursive: true, mode: 0o700 });

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
    ): Promise<LocalImage> {
        const reference = parseImageReference(module.image);
        const here = images.find(reference.reference);
        if (here) return here;
        if (module.imagePullPolicy === "never") {
            throw new Error(
                `The image ${module.image} of ${module.name} is not on the device, and imagePullPolicy is never.`,
            );
        }
        const account = deployment.registryCredentials.find(({ address }) => address === reference.server);
        log(`pulling ${module.image}`);
        return images.pull(reference, { server: reference.server, ...account }, signal);
    }

    async function create(module: DesiredModule, deployment: Deployment, signal: AbortSignal): Promise<void> {
        const { digest, imageHash } = await imageOf(module, deployment, signal);
        signal.throwIfAborted();
        if (records.has(module.name)) await halt(module.name);
        // A new container, too, would begin without what the old one wrote.
        rmSync(home(module.name), { recursive: true, force: true });
        save({
            desired: module,
            digest,
            imageHash,
            runtimeStatus: "stopped",
            statusDescription: "created",
            exitCode: 0,
            restartCount: 0,
            awaitsStart: true,
        });
        log(`created module ${module.name} from ${module.image}`);
        if (module.status === "running") await start(module.name);
    }

    async function start(name: string, changes: Partial<ModuleRecord> = {}): Promise<void> {
        const record = { ...find(name), ...changes, awaitsStart: false };
        try {
            const image = images.find(record.digest);
            if (!image) throw new Error(`The image ${record.digest} of ${name} is no longer on the device.`);
            const { options: createOptions } = readCreateOptions({
                createOptions: record.desired.createOptions,
            });
            const { deviceId, hubHostName, environment } = options;
            const identity = {
                deviceId,
                moduleId: name,
                hubHostName,
                generationId: options.generationId(name),
            };
            const surroundings = { home: home(name), logFile: join(logs, `${name}.log`), environment };
            const spec = await processSpec(record.desired, createOptions, image, identity, surroundings);
            const started = await startProcess(spec, (process) => {
                const running = {
                    runtimeStatus: "running",
                    statusDescription: "running",
                    exitCode: 0,
                } as const;
                save({ ...record, ...running, lastStart: clock.now(), process });
            });
            processes.set(name, started);
            void started.exited.then((exitCode) => noteExit(name, started, exitCode));
            log(`started module ${name} as process ${started.identity.pid}`);
        } catch (error) {
            ended(record, { exitCode: 1, statusDescription: (error as Error).message });
            throw error;
        }
    }

    function noteExit(name: string, ended_: ModuleProcess, exitCode: number): void {
        // A process that the device itself stops is no longer listed.
        if (processes.get(name) !== ended_) return;
        processes.delete(name);
        ended(find(name), { exitCode, statusDescription: `exited with code ${exitCode}` });
        options.onExit();
    }

    function ended(record: ModuleRecord, how: { exitCode: number; statusDescription: string }): void {
        const runtimeStatus = statusAfterExit(record.desired, how.exitCode !== 0, record.restartCount);
        const { process: _gone, ...rest } = record;
        save({ ...rest, ...how, runtimeStatus, lastExit: clock.now() });
        log(`module ${record.desired.name}: ${how.statusDescription} (${runtimeStatus})`);
    }

    /** Ends the module's process, when it has one, and waits until it has ended. */
    async function halt(name: string): Promise<void> {
        const running = processes.get(name);
        processes.delete(name);
        await running?.stop(clock);
        const exitCode = await running?.exited;
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
        rmSync(home(name), { recursive: true, force: true });
        kept.remove(name);
        records.delete(name);
        log(`removed module ${name}`);
    }

    return {
        records: () => records,
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
        async stopOrphans() {
            const left = [...records.values()].filter((record) => record.process);
            await Promise.all(left.map(({ process }) => process && stopOrphan(process, clock)));
            for (const { process: _gone, ...record } of left) {
                save({ ...record, ...powerCycled(record), lastExit: clock.now() });
                log(`module ${record.desired.name} ran without its device and was stopped`);
            }
        },
        async powerOff() {
            const names = [...processes.keys()];
            await Promise.all(names.map(halt));
            for (const name of names) save({ ...find(name), ...powerCycled(find(name)) });
        },
    };
}

/** As with containers after a reboot: a module that is never restarted stays down. */
function powerCycled({ desired }: Pick<ModuleRecord, "desired">) {
    return {
        runtimeStatus: "stopped",
        statusDescription: "stopped with the device",
        awaitsStart: desired.restartPolicy !== "never",
    } as const;
}
