import { randomUUID } from "node:crypto";
import { asRefusal } from "../base/http/refusal";
import type { Collection, Store } from "../base/store";
import { type ArmError, refusals } from "./armError";
import { type ArmPath, type ArmResource, isWithin, parseArmPath } from "./armResource";
import { type Change, type LongRunning, whileChanged } from "./longRunning";
import type { ResourceModel } from "./resourceModel";
import type { Properties } from "./resourceType";
import { typeOf } from "./resourceTypes";

/** A change that was accepted, as it is remembered until some time after its end. */
export interface Operation {
    readonly id: string;
    readonly change: Change;
    readonly resourceId: string;
    /** Of the resource or what it lies within; its operations are asked for there. */
    readonly location: string;
    /** When its work is done, in milliseconds since 1970. */
    readonly endsAt: number;
    /** What an action answers. */
    readonly result?: Properties;
    /** Set on a deletion that was carried out, or was refused in the end. */
    readonly settled?: true;
    readonly error?: { readonly code: string; readonly message: string };
}

/** How long the work of a change takes, in milliseconds. */
export type Duration = (change: Change, armType: string) => number;

/** The changes that ARM has accepted: under way, and those that ended not long ago. */
export interface Operations {
    /** Remembers that a change begins; a deletion that takes no time is carried out here. */
    begin(change: Change, resource: ArmResource, result?: Properties): Promise<Operation>;
    find(id: string): Operation | undefined;
    isRunning(operation: Operation): boolean;
    /** How much longer it takes, in milliseconds. */
    remainingMs(operation: Operation): number;
    /** What is under way on this very resource. */
    on(resourceId: string): Operation | undefined;
    /** Refuses a change, or an action, of what is being changed already. */
    refuseWhileBusy(path: ArmPath, method: "PUT" | "DELETE" | "POST"): void;
    /** A resource as it is shown at this moment. */
    shown(resource: ArmResource): ArmResource;
    /** Carries out the deletions whose time has come. To be called in turn with everything that changes resources. */
    settle(): Promise<void>;
    /** When the next deletion is to be carried out, in milliseconds from now. */
    nextMs(): number | undefined;
}

/** How long an operation can be asked for after its end. */
const rememberedMs = 3_600_000;

/**
 * What ARM has under way, kept in the store: a resource is made or changed when that is asked for, and shown as being changed
 * for as long as the work takes; it goes when the work of its deletion is done.
 */
export function operationsOn(
    store: Store,
    model: Pick<ResourceModel, "delete" | "find">,
    durationMs: Duration = () => 0,
    now = Date.now,
): Operations {
    const kept: Collection<Operation> = store.collection("arm-operations");
    const all = () => kept.entries().map(([, operation]) => operation);
    const isRunning = ({ change, endsAt, settled }: Operation) =>
        change === "deleting" ? !settled : endsAt > now();
    const running = () => all().filter(isRunning);
    const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

    async function carryOut(operation: Operation): Promise<void> {
        const path = parseArmPath(operation.resourceId);
        const error = path && (await model.delete(path).then(() => undefined, refusalOf));
        kept.put(operation.id, { ...operation, settled: true, ...(error && { error }) });
    }

    function locked(path: ArmPath, { resourceId }: Operation): boolean {
        if (same(resourceId, path.id)) return true;
        const family = longRunningOf(path.id)?.locksFamily && longRunningOf(resourceId)?.locksFamily;
        return Boolean(family) && (isWithin(resourceId, path.id) || isWithin(path.id, resourceId));
    }

    const operations: Operations = {
        async begin(change, resource, result) {
            for (const { id, endsAt } of all().filter((one) => !isRunning(one)))
                if (endsAt + rememberedMs < now()) kept.remove(id);
            // A deletion takes the place of what was under way.
            for (const { id, resourceId } of running())
                if (change === "deleting" && same(resourceId, resource.id)) kept.remove(id);
            const operation: Operation = {
                id: randomUUID(),
                change,
                resourceId: resource.id,
                location: locationOf(resource, model),
                endsAt: now() + durationMs(change, resource.type),
                result,
            };
            kept.put(operation.id, operation);
            await operations.settle();
            return operation;
        },
        find: (id) => kept.get(id),
        isRunning,
        remainingMs: ({ endsAt }) => Math.max(0, endsAt - now()),
        on: (id) => running().find(({ change, resourceId }) => change !== "acting" && same(resourceId, id)),
        refuseWhileBusy(path, method) {
            const group = running().find(
                ({ change, resourceId }) => change === "deleting" && isWithin(resourceId, path.id),
            );
            if (group && method === "PUT") throw busy(group);
            const other = running().find((one) => one.change !== "acting" && locked(path, one));
            if (!other) return;
            const { locksFamily, actsWhenReady } = longRunningOf(other.resourceId) ?? {};
            const mayPass = method === "DELETE" ? !locksFamily : method === "POST" && !actsWhenReady;
            if (!mayPass) throw busy(other);
        },
        shown(resource) {
            const operation = operations.on(resource.id);
            const longRunning = operation && longRunningOf(resource.id);
            if (!longRunning || operation.change === "acting") return resource;
            return whileChanged(resource, longRunning, operation.change);
        },
        async settle() {
            const due = running().filter(({ change, endsAt }) => change === "deleting" && endsAt <= now());
            for (const operation of due) await carryOut(operation);
        },
        nextMs() {
            const deletions = running().filter(({ change }) => change === "deleting");
            if (deletions.length === 0) return undefined;
            return Math.max(0, Math.min(...deletions.map(({ endsAt }) => endsAt)) - now());
        },
    };
    return operations;
}

/** How the type of the resource with this id carries out its changes. */
function longRunningOf(id: string): LongRunning | undefined {
    const path = parseArmPath(id);
    return path && typeOf(path).longRunning;
}

function busy({ resourceId }: Operation): Error {
    const name = resourceId.split("/").at(-1) ?? "";
    return longRunningOf(resourceId)?.busy(name) ?? new Error(`${resourceId} is being changed.`);
}

function locationOf({ id, location }: ArmResource, model: Pick<ResourceModel, "find">): string {
    const parentId = parseArmPath(id)?.parentId;
    const parent = parentId === undefined ? undefined : parseArmPath(parentId);
    return location ?? (parent && model.find(parent)?.location) ?? "global";
}

/** Why a deletion came to nothing; an error of ours ends it, too. */
function refusalOf(error: unknown): Operation["error"] {
    const { code, message } = asRefusal({ name: "ARM", refusals }, error) as ArmError;
    return { code, message };
}
