import type { DesiredModule, RegistryCredential } from "./desiredModule";
import type { ModuleRecord } from "./moduleRecords";
import { type ModuleRunsOptions, moduleRuns } from "./moduleRuns";
import { created, switchedOff } from "./moduleState";

export type ModuleSupervisor = ReturnType<typeof superviseModules>;

/** The modules of one device: makes, starts, watches, stops and removes them, and keeps a record of each. */
export function superviseModules(options: ModuleRunsOptions) {
    const { records, runtimes, log } = options;
    const runs = moduleRuns(options);

    /** Pulls the image and makes the module anew, then starts it where that is wanted. An older one runs until then. */
    async function create(
        module: DesiredModule,
        credentials: RegistryCredential[],
        signal: AbortSignal,
    ): Promise<void> {
        const { name } = module;
        const { runtime, image } = await runtimes.provide(module, credentials, signal);
        signal.throwIfAborted();
        if (records.all().has(name)) await clear(name);
        const record = records.save(created(module, image, runtime.kind));
        try {
            records.save({ ...record, ...(await runtime.create(module, image)) });
        } catch (error) {
            runs.noteEnd({ ...record, awaitsStart: false }, 1, (error as Error).message);
            throw error;
        }
        log(`created module ${name} from ${module.image} to run as a ${runtime.kind}`);
        if (module.status === "running") await runs.start(name);
    }

    /** Stops a module and removes what its runtime made for it. */
    async function clear(name: string): Promise<void> {
        await runs.stop(name);
        const record = records.get(name);
        await runtimes.of(record).remove(record);
    }

    return {
        ...runs,
        records: records.all,
        /** Whether the image of a module that was made is still on the device. */
        hasImage: (record: ModuleRecord): boolean => runtimes.of(record).hasImage(record.digest),
        /** Records which status is wanted of each module; any other change of a module makes it anew. */
        noteWanted(modules: DesiredModule[]): void {
            for (const { name, status } of modules) {
                const record = records.all().get(name);
                if (record && record.desired.status !== status)
                    records.save({ ...record, desired: { ...record.desired, status } });
            }
        },
        create,
        /** Lets a module count as healthy again. */
        async forgetRestarts(name: string): Promise<void> {
            records.save({ ...records.get(name), restartCount: 0 });
        },
        async remove(name: string): Promise<void> {
            await clear(name);
            records.remove(name);
            log(`removed module ${name}`);
        },
        /** Removes the images that no module needs. */
        async dropUnusedImages(): Promise<void> {
            await runtimes.keepOnly(new Set([...records.all().values()].map(({ digest }) => digest)));
        },
        /** Takes up containers, and ends processes, that an earlier run of this program left when it was killed. */
        async takeUp(): Promise<void> {
            const left = await runtimes.takeUp([...records.all().values()]);
            for (const [name, how] of left) runs.takeUp(name, how);
        },
        /** Stops every module; the device starts them when it is on again. */
        async powerOff(): Promise<void> {
            const names = runs.names();
            await Promise.all(names.map(runs.stop));
            for (const name of names) records.save(switchedOff(records.get(name)));
        },
    };
}
