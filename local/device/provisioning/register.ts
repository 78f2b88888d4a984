import { callJson } from "../../base/http/callJson";
import { signSas } from "../../planes/sas";
import type { Assigned, SetUp } from "./setUp";

/** That of `aziot-cloud-client-async`, as the time after which it gives a call up, in milliseconds. */
const apiVersion = "2021-06-01";
const patience = 70_000;

/** How a device registers. */
export interface RegisterOptions {
    readonly caPem: string;
    /** Rests before it asks how far the service got. */
    pause(): Promise<void>;
    log(line: string): void;
    /** Ends calls under way. */
    readonly signal: AbortSignal;
}

/** What the service answers: of an operation, or why it refuses. */
interface DpsAnswer {
    readonly operationId?: string;
    readonly status?: string;
    readonly registrationState?: Partial<Assigned> & { errorMessage?: string; errorCode?: number };
    readonly message?: string;
    readonly errorCode?: number;
}

/**
 * Registers a device as its identity service does (iot-identity-service, `dps/mod.rs`), over HTTP. Throws what the
 * service gives as its reason, with its code.
 */
export async function register(setUp: SetUp, options: RegisterOptions): Promise<Assigned> {
    const { registrationId } = setUp;
    const { log, pause } = options;
    log("Sending DPS registration request.");
    const { operationId } = await call(setUp, options, "PUT", "register", { registrationId });
    for (;;) {
        await pause();
        log("Checking DPS registration status.");
        const { status, registrationState = {} } = await call(
            setUp,
            options,
            "GET",
            `operations/${operationId}`,
        );
        const { assignedHub, deviceId, errorMessage, errorCode } = registrationState;
        if (status === "failed") throw refused(errorMessage, errorCode);
        if (status === "assigned" && assignedHub && deviceId) {
            log(`Assigned to IoT hub: ${assignedHub}`);
            log("DPS registration complete.");
            return { assignedHub, deviceId };
        }
        log("DPS registration is still in progress.");
    }
}

async function call(
    { endpoint, idScope, registrationId, key }: SetUp,
    { caPem: ca, signal }: RegisterOptions,
    method: string,
    below: string,
    body?: object,
): Promise<DpsAnswer> {
    const resource = `${idScope}/registrations/${registrationId}`;
    const expiresAt = new Date(Date.now() + patience);
    const outOfTime = new AbortController();
    const timer = setTimeout(() => outOfTime.abort(), patience);
    try {
        const answer = await callJson({
            url: `https://${endpoint}/${resource}/${below}?api-version=${apiVersion}`,
            method,
            ca,
            authorization: signSas({ resource, key, policy: "registration", expiresAt }),
            body,
            signal: AbortSignal.any([signal, outOfTime.signal]),
        });
        const answered = (answer.body ?? {}) as DpsAnswer;
        if (answer.status < 300) return answered;
        throw refused(answered.message ?? `HTTP status ${answer.status}`, answered.errorCode);
    } finally {
        clearTimeout(timer);
    }
}

function refused(reason = "no reason is given", code?: number): Error {
    return new Error(code === undefined ? reason : `${reason} (${code})`);
}
