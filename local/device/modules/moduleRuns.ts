import type { Clock } from "../clock";
import type { ModuleRecord, ModuleRecords } from "./moduleRecords";
import type { LeftModule } from "./moduleRuntime";
import type { ModuleRuntimes } from "./moduleRuntimes";
import { ended, running, stopped, switchedOff, withoutProcess } from "./moduleState";
import { runningModules } from "./runningModules";

export interface ModuleRunsOptions {
    records: ModuleRecords;
    runtimes: ModuleRuntimes;
    clock: Clock;
    log(line: string): void;
    /** Is called when a module has ended by itself. */
    onExit(): void;
}

/** Starts and stops the modules of one device that were made, and keeps their records in step. */
export function moduleRuns({ records, runtimes, clock, log, onExit }: ModuleRunsOptions) {
    const modules = runningModules((name, exitCode) => {
        noteEnd(records.get(name), exitCode);
        onExit();
    });

    /** Records why a module ended, or could not be made or started, which counts as a failure at once. */
    function noteEnd(
        record: ModuleRecord,
        exitCode: number,
        statusDescription = `exited with code ${exitCode}`,
    ): void {
        const { runtimeStatus } = records.save(ended(record, exitCode, statusDescription, clock.now()));
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
        /** Names of the modules that run now. */
        names: modules.names,
        start: (name: string) => start(name),
        /** Starts a module that ended, and counts that as a restart. */
        restart: (name: string) => restart(name, records.get(name)),
        /** Stops and starts a module because somebody asked for it. */
        async stopAndRestart(name: string): Promise<void> {
            const before = records.get(name);
            await stop(name);
            await restart(name, before);
        },
        stop,
        noteEnd,
        /** Records how a module is that an earlier run of this program left behind. */
        takeUp(name: string, left: LeftModule): void {
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
