import { alarm, type Clock } from "../clock";
import { workLoop } from "../workLoop";
import { register } from "./register";
import type { Assigned, SetUp } from "./setUp";

/** Registers one device and keeps where it was assigned: `aziot-identityd`, and `aziot-edged` which asks it to. */
export interface IdentityService {
    /** Registers the device, unless its disk says where it was assigned. */
    start(): void;
    /** Why the device is not registered, as far as that is known. */
    error(): string | undefined;
    /** Forgets where the device was assigned, and registers it anew after a rest. */
    reprovision(reason: string): void;
    stop(): Promise<void>;
}

export interface IdentityServiceOptions {
    setUp(): SetUp;
    /** Where the device was assigned, on its disk. */
    assigned(): Assigned | undefined;
    assign(assigned: Assigned | undefined): void;
    readonly caPem: string;
    readonly clock: Clock;
    /** The rest before it asks again, in milliseconds; by default that of the real one. */
    readonly pause?: number;
    log(line: string): void;
}

/** `POLL_PERIOD` of the registration, and the sleep of `get_device_info` after one that failed. */
const usualPause = 5_000;

export function identityService(options: IdentityServiceOptions): IdentityService {
    const { caPem, clock, log, pause = usualPause } = options;
    const ended = new AbortController();
    let error: string | undefined;

    const loop = workLoop(async () => {
        try {
            const assigned = await register(options.setUp(), {
                caPem,
                log,
                signal: ended.signal,
                pause: () => rest(clock, pause, ended.signal),
            });
            if (ended.signal.aborted) return;
            error = undefined;
            log("Successfully provisioned with DPS.");
            options.assign(assigned);
        } catch (cause) {
            if (ended.signal.aborted) return;
            error = cause instanceof Error ? cause.message : String(cause);
            log("DPS client error");
            log(`caused by: ${error}`);
            wakeAt(clock.now() + pause);
        }
    });
    const wakeAt = alarm(clock, loop.ask);

    return {
        start() {
            log("Provisioning starting. Reason: Startup");
            const backup = options.assigned();
            if (backup) log(`Provisioned with backup for ${backup.deviceId}.`);
            else loop.ask();
        },
        error: () => error,
        reprovision(reason) {
            if (!options.assigned()) return;
            error = reason;
            log(`Requesting device reprovision: ${reason}`);
            options.assign(undefined);
            wakeAt(clock.now() + pause);
        },
        async stop() {
            ended.abort();
            wakeAt(undefined);
            await loop.stop();
        },
    };
}

/** Resolves after a while; rejects when it is ended before. */
function rest(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const end = () => {
            cancel();
            reject(new Error("The device is switched off."));
        };
        const cancel = clock.at(clock.now() + milliseconds, () => {
            signal.removeEventListener("abort", end);
            resolve();
        });
        signal.addEventListener("abort", end, { once: true });
    });
}
