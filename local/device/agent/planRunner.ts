import { earliest, type Retrying } from "../clock";
import type { ModuleSupervisor } from "../modules/moduleSupervisor";
import { coolOff } from "../modules/restartPolicy";
import type { Deployment } from "./deployment";
import { type Plan, planModules, type Step } from "./plan";

interface Failure {
    count: number;
    at: number;
    message: string;
}

export interface PlanRunnerOptions extends Retrying {
    supervisor: ModuleSupervisor;
}

/** Plans and does what a deployment asks for; a module that cannot be made is tried again after a rest. */
export function planRunner({ supervisor, clock, coolOffUnit, log }: PlanRunnerOptions) {
    /** The steps that failed the last time they were tried; the key is the step as JSON. */
    const failures = new Map<string, Failure>();
    let lastVersion: number | undefined;

    function plan({ modules }: Deployment): Plan {
        const { hasImage } = supervisor;
        return planModules(modules, supervisor.records(), { now: clock.now(), coolOffUnit, hasImage });
    }

    function restsUntil({ count, at }: Failure): number {
        return at + coolOff(count, coolOffUnit);
    }

    /** Does a step unless it rests; returns why it failed. */
    async function attempt(step: Step, deployment: Deployment, signal: AbortSignal) {
        const key = JSON.stringify(step);
        const earlier = failures.get(key);
        if (earlier && restsUntil(earlier) > clock.now()) return earlier.message;
        try {
            if (step.kind !== "create") await supervisor[step.kind](step.name);
            else await supervisor.create(step.module, deployment.registryCredentials, signal);
            failures.delete(key);
            return undefined;
        } catch (error) {
            const { message } = error as Error;
            if (signal.aborted) return message;
            log(`${step.kind} ${step.kind === "create" ? step.module.name : step.name}: ${message}`);
            failures.set(key, { count: earlier ? earlier.count + 1 : 0, at: clock.now(), message });
            return message;
        }
    }

    return {
        /** Does each step that is due, whether or not others fail; returns why some did. `signal` gives up. */
        async run(deployment: Deployment, signal: AbortSignal): Promise<string[]> {
            // As in edgeAgent, another deployment is another chance.
            if (deployment.version !== lastVersion) failures.clear();
            lastVersion = deployment.version;
            supervisor.noteWanted(deployment.modules);
            const reasons: string[] = [];
            for (const step of plan(deployment).steps) {
                if (signal.aborted) break;
                const reason = await attempt(step, deployment, signal);
                if (reason !== undefined) reasons.push(reason);
            }
            return reasons;
        },
        /** When the next step is due, in milliseconds since 1970, if nothing happens before. */
        wakeAt(deployment: Deployment): number | undefined {
            const { steps, wakeAt } = plan(deployment);
            const resting = steps.flatMap((step) => failures.get(JSON.stringify(step)) ?? []);
            return earliest([wakeAt, ...resting.map(restsUntil)]);
        },
    };
}
