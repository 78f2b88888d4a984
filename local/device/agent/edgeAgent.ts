import type { MethodHandler, ModuleLink } from "../../planes/hub/links/moduleLinks";
import { alarm } from "../clock";
import { keepHubLink } from "../hubLink";
import { workLoop } from "../workLoop";
import { type ReconcilerOptions, reconciler } from "./reconciler";

/** The agent of one device: makes the device what $edgeAgent's twin asks for, and reports what it is. */
export interface EdgeAgent {
    isConnected(): boolean;
    /** Reconciles soon, because something about a module changed. */
    wake(): void;
    /** Restarts a module between two reconciliations. */
    restartModule(name: string): Promise<void>;
    /** Stops working and every module, and reports that the agent is off. */
    stop(): Promise<void>;
}

export interface EdgeAgentOptions extends ReconcilerOptions {
    /** Connects as $edgeAgent; throws when the hub cannot be reached or refuses. */
    connect(): ModuleLink;
    onMethod: MethodHandler;
}

/**
 * Starts the agent. One reconciliation runs at a time: it takes the newest desired properties, and gives up its pulls
 * when newer ones come.
 */
export function runEdgeAgent(options: EdgeAgentOptions): EdgeAgent {
    const { supervisor, clock, log } = options;
    let isOn = true;
    const hub = keepHubLink({
        ...options,
        onDesired() {
            device.giveUp("a newer deployment came");
            loop.ask();
        },
        onClosed: () => loop.ask(),
    });
    const device = reconciler({ ...options, hub });
    const loop = workLoop(async () => {
        wakeAt(undefined);
        const next = await device.reconcile().catch(unexpected);
        wakeAt(isOn ? next : undefined);
    });
    const wakeAt = alarm(clock, loop.ask);

    function unexpected(error: unknown): number {
        log(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
        return clock.now() + options.coolOffUnit;
    }

    loop.ask();
    return {
        isConnected: hub.isOpen,
        wake: loop.ask,
        restartModule: (name) => loop.between(() => supervisor.stopAndRestart(name)),
        async stop() {
            isOn = false;
            wakeAt(undefined);
            device.switchOff();
            await loop.stop();
            await supervisor.powerOff();
            device.reportOff();
            hub.close();
        },
    };
}
