import type { JsonObject } from "../../base/mergePatch";
import type { Collection } from "../../base/store";
import { earliest } from "../clock";
import type { HubLink } from "../hubLink";
import { type Deployment, DeploymentError, readDeployment } from "./deployment";
import { type PlanRunnerOptions, planRunner } from "./planRunner";
import { type DeploymentStatus, reportedProperties } from "./reportedProperties";

/** The desired properties that came last, for a start without the hub. */
export interface KeptDesired {
    desired: JsonObject;
    version: number;
}

export interface ReconcilerOptions extends PlanRunnerOptions {
    /** Is called when a deployment was read, since every deployment has an edgeHub, which is to run then. */
    onDeployed(): void;
    kept: Collection<KeptDesired>;
}

/** Brings a device to what $edgeAgent's twin asks for, and reports what came of it. */
export function reconciler(options: ReconcilerOptions & { hub: HubLink }) {
    const { supervisor, hub, kept, clock } = options;
    let isOn = true;
    const startedAt = clock.now();
    const runner = planRunner(options);
    /** Is aborted when newer desired properties come. */
    let newerCame = new AbortController();
    let leftovers: Promise<void> | undefined;
    let latest: { deployment?: Deployment; version: number } = { version: 0 };

    /** Takes up what an earlier run left, once; tries again after a failure. */
    function takeUp(): Promise<void> {
        leftovers ??= supervisor.takeUp().catch((error: unknown) => {
            leftovers = undefined;
            throw error;
        });
        return leftovers;
    }

    /** The deployment that the desired properties describe; undefined, and reported, when they cannot be read. */
    function read({ desired, version }: KeptDesired): Deployment | undefined {
        try {
            latest = { deployment: readDeployment(desired, version), version };
            return latest.deployment;
        } catch (error) {
            if (!(error instanceof DeploymentError)) throw error;
            latest = { ...latest, version };
            options.log(`deployment ${version}: ${error.message}`);
            report({ code: error.code, description: error.message });
            return undefined;
        }
    }

    function report(status: DeploymentStatus): void {
        const modules = [...supervisor.records().values()];
        send(hub, reportedProperties({ ...latest, status, modules, startedAt, isOn }));
    }

    function giveUp(reason: string): void {
        newerCame.abort(new Error(reason));
    }

    return {
        /** Takes the newest desired properties; returns when to look again, in milliseconds since 1970. */
        async reconcile(): Promise<number | undefined> {
            await takeUp();
            if (!isOn) return undefined;
            const twin = hub.open()?.twin();
            const newest = twin
                ? { desired: twin.desired, version: twin.desiredVersion }
                : kept.get("newest");
            if (!newest) return hub.retryAt();
            newerCame = new AbortController();
            const { signal } = newerCame;
            const deployment = read(newest);
            if (!deployment) return hub.retryAt();
            if (twin) kept.put("newest", newest);
            options.onDeployed();
            const reasons = await runner.run(deployment, signal);
            if (signal.aborted) return undefined;
            if (reasons.length === 0) await supervisor.dropUnusedImages();
            report({ code: reasons.length === 0 ? 200 : 500, description: reasons.join(" ") });
            return earliest([hub.retryAt(), runner.wakeAt(deployment)]);
        },
        /** Gives up the pulls of the present reconciliation. */
        giveUp,
        /** Gives up what it does, and does nothing more. */
        switchOff(): void {
            isOn = false;
            giveUp("the device is switched off");
        },
        reportOff: () => report({ code: 406, description: "Agent is not running" }),
    };
}

/** Reports to the hub; where that refuses, at least the fault itself, as edgeAgent does. */
function send(hub: HubLink, wanted: JsonObject): void {
    const description = hub.report(() => wanted);
    if (description === undefined) return;
    const { lastDesiredVersion = 0 } = wanted;
    hub.open()?.report({ lastDesiredVersion, lastDesiredStatus: { code: 500, description } });
}
