import type { RunningModule } from "./moduleRuntime";

/** The modules of one device that run now; `onExit` is told of each that ends by itself. */
export function runningModules(onExit: (name: string, exitCode: number) => void) {
    const running = new Map<string, RunningModule>();
    return {
        names: () => [...running.keys()],
        /** Waits for the end of a module, to tell of it unless `stop` caused it. */
        watch(name: string, module: RunningModule): void {
            running.set(name, module);
            void module.exited.then((exitCode) => {
                // A module that the device itself stops is no longer listed.
                if (running.get(name) !== module) return;
                running.delete(name);
                onExit(name, exitCode);
            });
        },
        /** Ends a module and returns its exit code; undefined when it did not run. */
        async stop(name: string): Promise<number | undefined> {
            const module = running.get(name);
            running.delete(name);
            await module?.stop();
            return module?.exited;
        },
    };
}
