import { existsSync, readFileSync } from "node:fs";
import { resourceTypes } from "../arm/resourceTypes";
import { type Management, managementClient } from "../providers/management";
import type { StackFolder } from "./stackFolder";

/** A creation that the engine had begun when it was killed, as its state remembers it. */
interface PendingOperation {
    readonly type: string;
    readonly resource: {
        readonly urn: string;
        readonly type: string;
        readonly inputs?: Record<string, unknown>;
    };
}

/**
 * The options of `pulumi refresh` that settle what a killed update was creating; undefined when there is nothing to
 * settle. What the local Azure has meanwhile made is taken into the state, so that it is not made a second time under
 * another name; anything else is forgotten, since its creation can be repeated.
 */
export async function settlingOptions(stack: StackFolder, stateFile: string): Promise<string[] | undefined> {
    const pending = pendingCreates(stateFile);
    if (pending.length === 0) return undefined;
    const management = managementClient(stack.azure);
    const imports: string[] = [];
    for (const { resource } of pending) {
        const id = await existingId(management, resource);
        if (id) imports.push("--import-pending-creates", resource.urn, "--import-pending-creates", id);
    }
    return ["--clear-pending-creates", ...imports];
}

function pendingCreates(stateFile: string): PendingOperation[] {
    if (!existsSync(stateFile)) return [];
    const { checkpoint } = JSON.parse(readFileSync(stateFile, "utf8"));
    const operations: PendingOperation[] = checkpoint?.latest?.pending_operations ?? [];
    return operations.filter(({ type }) => type === "creating");
}

async function existingId(
    management: Management,
    { type, inputs = {} }: PendingOperation["resource"],
): Promise<string | undefined> {
    const known = resourceTypes.find(({ token }) => token === type);
    if (!known) return undefined;
    const id = known.idOf(inputs);
    return (await management.settled(id)) && id;
}
