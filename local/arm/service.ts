import { timingSafeEqual } from "node:crypto";
import type { HttpService, Route } from "../base/http/service";
import type { Directory } from "../planes/entra/directory";
import { ArmError, refusals } from "./armError";
import { subscriptionId } from "./armResource";
import { operationRoutes } from "./operationRoutes";
import type { Operations } from "./operations";
import type { ResourceModel } from "./resourceModel";
import { resourceRoutes } from "./resourceRoutes";
import { subscriptionRoutes } from "./subscriptionRoutes";

/** What ARM needs. */
export interface ArmOptions {
    readonly model: ResourceModel;
    readonly operations: Operations;
    /** Opens the endpoint to the stand-ins and to `edge`. */
    readonly token: string;
    /** Its tokens for ARM open the endpoint, too. */
    readonly directory: Directory;
    /** Whether a change of a resource fails by chance. */
    failsChange(armType: string, id: string): boolean;
    /** Whether a call is one too many, and the seconds to wait where ARM names them. */
    throttlesArm?(call: string): { readonly retryAfterS?: number } | undefined;
    /** What the local Azure answers beside ARM, to the same callers. */
    readonly own?: readonly Route[];
}

/** ARM is asked for small documents; anything larger is a mistake. */
const largestBody = 1024 * 1024;

/** ARM at work. */
export interface ArmService extends HttpService {
    /** Ends what is under way, and leaves the rest to the next start. To be called before the store is closed. */
    close(): Promise<void>;
}

/** Azure Resource Manager, open to whoever holds `token` or one of the directory's. */
export function armService(options: ArmOptions): ArmService {
    const { model, operations, token, directory, failsChange, own = [] } = options;
    const { inTurn, close } = turns(operations);
    return {
        close,
        name: "ARM",
        bodyLimit: largestBody,
        refusals,
        async admit({ method, path, headers, query }) {
            const throttle = /^\/subscriptions\//i.test(path) && options.throttlesArm?.(`${method} ${path}`);
            if (throttle) throw tooManyRequests(throttle.retryAfterS);
            if (isOurs(headers.authorization, token)) return;
            await requireEntraToken(headers.authorization, directory);
            if (!query.has("api-version")) {
                throw new ArmError(
                    400,
                    "MissingApiVersionParameter",
                    "The api-version query parameter (?api-version=) is required for all requests.",
                );
            }
        },
        routes: [
            ...own,
            ...subscriptionRoutes(model),
            ...operationRoutes(operations, model, inTurn),
            ...resourceRoutes({ model, operations, inTurn, failsChange }),
        ],
    };
}

/**
 * Lets one piece of work begin when the one before has ended, however it ended. What ARM has promised to be gone by then is
 * gone before it, whether anybody asks or not.
 */
function turns(operations: Operations) {
    let previous: Promise<unknown> = Promise.resolve();
    let timer: NodeJS.Timeout | undefined;
    let isClosed = false;
    const inTurn = <T>(work: () => Promise<T>) => {
        const next = previous.then(() => operations.settle()).then(work);
        previous = next.catch(() => {}).then(wakeForNext);
        return next;
    };
    const wakeForNext = () => {
        clearTimeout(timer);
        if (isClosed) return;
        const waitMs = operations.nextMs();
        if (waitMs !== undefined) timer = setTimeout(() => inTurn(async () => {}), waitMs).unref();
    };
    wakeForNext();
    return {
        inTurn,
        async close() {
            isClosed = true;
            clearTimeout(timer);
            await previous;
        },
    };
}

function tooManyRequests(retryAfterS: number | undefined): ArmError {
    const when = retryAfterS === undefined ? "later" : `after '${retryAfterS}' seconds`;
    return new ArmError(
        429,
        "SubscriptionRequestsThrottled",
        `Number of requests for subscription '${subscriptionId}' exceeded the limit. Please try again ${when}.`,
        retryAfterS,
    );
}

async function requireEntraToken(header: string | undefined, directory: Directory): Promise<void> {
    const [, token] = /^Bearer (\S+)$/i.exec(header ?? "") ?? [];
    if (token && (await directory.isValid(token, directory.origin))) return;
    throw new ArmError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing or wrong.",
    );
}

function isOurs(header: string | undefined, token: string): boolean {
    const given = Buffer.from(header ?? "");
    const expected = Buffer.from(`Bearer ${token}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
}
