import type { Clock } from "../clock";
import type { ModuleRecord, ModuleRecords } from "./moduleRecords";
import type { LeftModule } from "./moduleRuntime";
import type { ModuleRuntimes } from "./moduleRuntimes";
import { ended, running, stopped, switchedOff, withoutProcess } from "./moduleState";
import { runningModules } from "./runningModules";

/** Starts and stops the modules of one device that were made, and keeps their records in step. */
export interface ModuleRuns {
    /** Names of the modules that run now. */
    names(): string[];
    /** Throws a sentence when the module cannot be started; its record then says so, too. */
    start(name: string): Promise<void>;
    /** Starts a module that ended, and counts that as a restart. */
    restart(name: string): Promise<void>;
    /** Stops and starts a module because somebody asked for it. */
    stopAndRestart(name: string): Promise<void>;
    stop(name: string): Promise<void>;
    /** Records why a module ended, or could not be made: as one that failed at once. */
    noteEnd(record: ModuleRecord, exitCode: number, description?: string): void;
    /** Records how a module is that an earlier run of this program left behind. */
    takeUp(name: string, left: LeftModule): void;
}

export interface ModuleRunsOptions {
    records: ModuleRecords;
    runtimes: ModuleRuntimes;
    clock: Clock;
    log(line: string): void;
    /** Is called when a module has ended by itself. */
    onExit(): void;
}

/** Opens the runs of one device's modules; none runs yet. */
export function moduleRuns({ records, runtimes, clock, log, onExit }: ModuleRunsOptions): ModuleRuns {
    const modules = runningModules((name, exitCode) => {
        noteEnd(records.get(name), exitCode);
        onExit();
    });

    function noteEnd(
        record: ModuleRecord,
        exitCode: number,
        statusDescription = `exited with code ${exitCode}`,
    ): void {
        const { runtimeStatus } = records.save(ended(record, { exitCode, statusDescription }, clock.now()));
        log(`module ${record.desired.name}: ${statusDescription} (${runtimeStatus})`);
    }

    async function start(name: string, changes: Partial<ModuleRecord> = {}): Promise<void> {
        const record = { ...records.get(name), ...changes, awaitsStart: false };
        try {
            const module = await runtimes.of(record).start(record, (traces) => {
                records.save({ ...running(record), ...traces, lastStart: clock.now() });
            });
            modules.watch(name, module);
            log(`started module ${name} as ${module.title}`);
        } catch (error) {
            noteEnd(record, 1, (error as Error).message);
            throw error;
        }
    }

    async function stop(name: string): Promise<void> {
        const exitCode = await modules.stop(name);
        records.save(stopped(records.get(name), exitCode, clock.now()));
        log(`stopped module ${name}`);
    }

    function restart(name: string, { restartCount }: ModuleRecord): Promise<void> {
        return start(name, { restartCount: restartCount + 1, lastRestart: clock.now() });
    }

    return {
        names: modules.names,
        start: (name) => start(name),
        restart: (name) => restart(name, records.get(name)),
        async stopAndRestart(name) {
            const before = records.get(name);
            await stop(name);
            await restart(name, before);
        },
        stop,
        noteEnd,
        takeUp(name, left) {
            const record = withoutProcess(records.get(name));
            if ("running" in left) {
                records.save(running(record));
                modules.watch(name, left.running);
                log(`module ${name} ran without its device and is taken up as ${left.running.title}`);
            } else if ("exitCode" in left) noteEnd(record, left.exitCode);
            else {
                records.save({ ...switchedOff(record), lastExit: clock.now() });
                log(`module ${name} ran without its device and was stopped`);
            }
        },
    };
}
