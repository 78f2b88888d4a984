import { setTimeout as sleep } from "node:timers/promises";
import { ArmError } from "../arm/armError";
import type { ArmResource } from "../arm/armResource";
import { callManagement } from "../arm/managementCall";
import type { Properties } from "../arm/resourceType";

/** Azure's resource manager as a provider calls it. */
export interface Management {
    get(id: string): Promise<ArmResource>;
    /** Undefined when the resource is not there. */
    find(id: string): Promise<ArmResource | undefined>;
    /** The same when nothing is under way on it any more; a resource that is still being made lacks some of its properties. */
    settled(id: string): Promise<ArmResource | undefined>;
    /** Answered, like the others that change something, when ARM has done it. */
    put(id: string, body: Partial<ArmResource>): Promise<ArmResource>;
    remove(id: string): Promise<void>;
    post(path: string): Promise<Properties>;
}

/** Calls the management endpoint of the local Azure whose folder is `folder`; throws an {@link ArmError} for refusals. */
export function managementClient(folder: string): Management {
    const call = <T>(method: string, path: string, body?: unknown) =>
        callManagement<T>(folder, method, path, body);
    const find = (id: string) =>
        call<ArmResource | undefined>("GET", id).catch((error) => {
            if (error instanceof ArmError && error.status === 404 && error.code.endsWith("NotFound"))
                return undefined;
            throw error;
        });
    return {
        get: (id) => call("GET", id),
        find: async (id) => find(id),
        async settled(id) {
            for (;;) {
                const found = await find(id);
                const state = found?.properties.provisioningState ?? "Succeeded";
                if (["Succeeded", "Failed", "Canceled"].includes(String(state))) return found;
                await sleep(1000);
            }
        },
        put: (id, body) => call("PUT", id, body),
        remove: async (id) => void (await call("DELETE", id)),
        post: (path) => call("POST", path),
    };
}
