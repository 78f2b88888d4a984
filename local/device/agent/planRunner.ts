import type { Clock } from "../clock";
import type { ModuleSupervisor } from "../modules/moduleSupervisor";
import { coolOff } from "../modules/restartPolicy";
import type { Deployment } from "./deployment";
import { planModules, type Step } from "./plan";

/** Plans and does what a deployment asks for; a module that cannot be made is tried again after a rest. */
export interface PlanRunner {
    /** Does each step that is due, whether or not others fail; returns why some did. `signal` gives up. */
    run(deployment: Deployment, signal: AbortSignal): Promise<string[]>;
    /** When the next step is due, in milliseconds since 1970, if nothing happens before. */
    wakeAt(deployment: Deployment): number | undefined;
}

interface Failure {
    count: number;
    at: number;
    message: string;
}

export function planRunner(options: {
    supervisor: ModuleSupervisor;
    clock: Clock;
    /** Length of the first rest, in milliseconds. */
    coolOffUnit: number;
    log(line: string): void;
}): PlanRunner {
    const { supervisor, clock, coolOffUnit, log } = options;
    /** By what was to be done. */
    const failures = new Map<string, Failure>();
    let lastVersion: number | undefined;
    const plan = (deployment: Deployment) =>
        planModules(deployment.modules, supervisor.records(), {
            now: clock.now(),
            coolOffUnit,
            hasImage: supervisor.hasImage,
        });
    const restsUntil = ({ count, at }: Failure) => at + coolOff(count, coolOffUnit);

    async function attempt(
        step: Step,
        deployment: Deployment,
        signal: AbortSignal,
    ): Promise<string | undefined> {
        const key = JSON.stringify(step);
        const earlier = failures.get(key);
        if (earlier && restsUntil(earlier) > clock.now()) return earlier.message;
        try {
            await supervisor.perform(step, deployment, signal);
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
        async run(deployment, signal) {
            // As in edgeAgent, another deployment is another chance.
            if (deployment.version !== lastVersion) failures.clear();
            lastVersion = deployment.version;
            supervisor.noteWanted(deployment.modules);
            const { steps } = plan(deployment);
            const reasons: string[] = [];
            for (const step of steps) {
                if (signal.aborted) break;
                const reason = await attempt(step, deployment, signal);
                if (reason !== undefined) reasons.push(reason);
            }
            return reasons;
        },
        wakeAt(deployment) {
            const { steps, wakeAt } = plan(deployment);
            const resting = steps.flatMap((step) => failures.get(JSON.stringify(step)) ?? []).map(restsUntil);
            const times = wakeAt === undefined ? resting : [...resting, wakeAt];
            return times.length === 0 ? undefined : Math.min(...times);
        },
    };
}
