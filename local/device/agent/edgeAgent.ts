import { diffPatch, type JsonObject } from "../../base/mergePatch";
import type { Collection } from "../../base/store";
import type { ModuleLink } from "../../planes/hub/moduleLinks";
import type { Clock } from "../clock";
import { keepHubLink } from "../hubLink";
import type { ModuleSupervisor } from "../modules/moduleSupervisor";
import type { AgentMethods } from "./agentMethods";
import { type Deployment, DeploymentError, readDeployment } from "./deployment";
import { planRunner } from "./planRunner";
import { type DeploymentStatus, reportedProperties } from "./reportedProperties";

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

/** The desired properties that came last, for a start without the hub. */
export interface KeptDesired {
    desired: JsonObject;
    version: number;
}

export interface EdgeAgentOptions {
    /** Connects as $edgeAgent; throws when the hub cannot be reached or refuses. */
    connect(): ModuleLink;
    supervisor: ModuleSupervisor;
    /** A deployment was read: edgeHub, which every one has, is to run. */
    onDeployed(): void;
    onMethod: AgentMethods;
    kept: Collection<KeptDesired>;
    clock: Clock;
    /** Length of the first rest after a failure, in milliseconds. */
    coolOffUnit: number;
    log(line: string): void;
}

/**
 * Starts the agent. One reconciliation runs at a time: it takes the newest desired properties, and gives up its pulls
 * when newer ones come.
 */
export function runEdgeAgent(options: EdgeAgentOptions): EdgeAgent {
    const { supervisor, kept, clock, log } = options;
    const startedAt = clock.now();
    const runner = planRunner(options);
    const hub = keepHubLink({
        ...options,
        onDesired() {
            newerCame.abort(new Error("a newer deployment came"));
            wake();
        },
        onClosed: wake,
    });
    let isOn = true;
    let isAsked = false;
    let working: Promise<void> | undefined;
    let cancelWake = () => {};
    let newerCame = new AbortController();
    let leftovers: Promise<void> | undefined;
    let latest: { deployment?: Deployment; version: number } = { version: 0 };

    function wake(): void {
        if (!isOn) return;
        isAsked = true;
        working ??= work();
    }

    async function work(): Promise<void> {
        while (isAsked && isOn) {
            isAsked = false;
            cancelWake();
            const wakeAt = await reconcile().catch(unexpected);
            cancelWake = wakeAt === undefined || !isOn ? () => {} : clock.at(wakeAt, wake);
        }
        working = undefined;
    }

    function unexpected(error: unknown): number {
        log(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
        return clock.now() + options.coolOffUnit;
    }

    /** Brings the device to what is wanted and reports; returns when to look again, in milliseconds since 1970. */
    async function reconcile(): Promise<number | undefined> {
        leftovers ??= supervisor.takeUp();
        leftovers.catch(() => {
            leftovers = undefined;
        });
        await leftovers;
        if (!isOn) return undefined;
        const twin = hub.open()?.twin();
        const newest = twin ? { desired: twin.desired, version: twin.desiredVersion } : kept.get("newest");
        if (!newest) return hub.retryAt();
        newerCame = new AbortController();
        const { signal } = newerCame;
        let deployment: Deployment;
        try {
            deployment = readDeployment(newest.desired, newest.version);
        } catch (error) {
            if (!(error instanceof DeploymentError)) throw error;
            latest = { ...latest, version: newest.version };
            log(`deployment ${newest.version}: ${error.message}`);
            report({ code: error.code, description: error.message });
            return hub.retryAt();
        }
        latest = { deployment, version: newest.version };
        if (twin) kept.put("newest", newest);
        options.onDeployed();
        const reasons = await runner.run(deployment, signal);
        if (signal.aborted) return undefined;
        if (reasons.length === 0) await supervisor.dropUnusedImages();
        report({ code: reasons.length === 0 ? 200 : 500, description: reasons.join(" ") });
        const times = [hub.retryAt(), runner.wakeAt(deployment)].filter((time) => time !== undefined);
        return times.length === 0 ? undefined : Math.min(...times);
    }

    /** Tells the hub what changed since it was last told. */
    function report(status: DeploymentStatus): void {
        const link = hub.isOpen() ? hub.open() : undefined;
        if (!link) return;
        const modules = [...supervisor.records().values()];
        const wanted = reportedProperties({ ...latest, status, modules, startedAt, isOn });
        try {
            const patch = diffPatch(link.twin().reported, wanted);
            if (Object.keys(patch).length > 0) link.report(patch);
        } catch (error) {
            const description = (error as Error).message;
            log(`the hub refused the report: ${description}`);
            // As edgeAgent does: at least the fault itself.
            link.report({
                lastDesiredVersion: latest.version,
                lastDesiredStatus: { code: 500, description },
            });
        }
    }

    wake();
    return {
        isConnected: hub.isOpen,
        wake,
        async restartModule(name) {
            while (working) await working;
            if (!isOn) throw new Error("The device is switched off.");
            working = supervisor.restart(name).finally(() => {
                working = undefined;
                wake();
            });
            await working;
        },
        async stop() {
            isOn = false;
            cancelWake();
            newerCame.abort(new Error("the device is switched off"));
            await working?.catch(() => {});
            await supervisor.powerOff();
            report({ code: 406, description: "Agent is not running" });
            hub.close();
        },
    };
}
