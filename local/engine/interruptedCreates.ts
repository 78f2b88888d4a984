import { existsSync, readFileSync } from "node:fs";
import { resourceTypes } from "../arm/resourceTypes";
import { isMadeUp } from "../providers/azureNative";
import { managementClient } from "../providers/management";
import type { StackFolder } from "./stackFolder";

/** A creation that the engine had begun when it was killed, as its state remembers it. */
interface PendingOperation {
    readonly type: string;
    readonly resource: {
        readonly type: string;
        readonly inputs?: Record<string, unknown>;
    };
}

/**
 * The options of `pulumi refresh` that settle what a killed update was creating; undefined when there is nothing to
 * settle. It is forgotten, since its creation can be repeated, and what the local Azure has meanwhile made of it goes: under
 * a name that was made up it would be left over. (The engine's `--import-pending-creates` forgets it, too, and leaves it.)
 */
export async function settlingOptions(stack: StackFolder, stateFile: string): Promise<string[] | undefined> {
    const pending = pendingCreates(stateFile);
    if (pending.length === 0) return undefined;
    const management = managementClient(stack.azure);
    for (const { resource } of pending) {
        const id = madeUpId(resource);
        if (id && (await management.settled(id))) await management.remove(id);
    }
    return ["--clear-pending-creates"];
}

function pendingCreates(stateFile: string): PendingOperation[] {
    if (!existsSync(stateFile)) return [];
    const { checkpoint } = JSON.parse(readFileSync(stateFile, "utf8"));
    const operations: PendingOperation[] = checkpoint?.latest?.pending_operations ?? [];
    return operations.filter(({ type }) => type === "creating");
}

/** The id of a resource whose name has a random part; one of a name that was chosen may have been there before. */
function madeUpId({ type, inputs = {} }: PendingOperation["resource"]): string | undefined {
    const known = resourceTypes.find(({ token }) => token === type);
    return known && isMadeUp(inputs) ? known.idOf(inputs) : undefined;
}
