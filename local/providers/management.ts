import { ArmError } from "../arm/armError";
import type { ArmResource } from "../arm/armResource";
import { callManagement } from "../arm/managementCall";
import type { Properties } from "../arm/resourceType";

/** Azure's resource manager as a provider calls it. */
export interface Management {
    get(id: string): Promise<ArmResource>;
    /** Undefined when the resource is not there. */
    find(id: string): Promise<ArmResource | undefined>;
    put(id: string, body: Partial<ArmResource>): Promise<ArmResource>;
    remove(id: string): Promise<void>;
    post(path: string): Promise<Properties>;
}

/** Calls the management endpoint of the local Azure whose folder is `folder`; throws an {@link ArmError} for refusals. */
export function managementClient(folder: string): Management {
    const call = <T>(method: string, path: string, body?: unknown) =>
        callManagement<T>(folder, method, path, body);
    return {
        get: (id) => call("GET", id),
        find: async (id) =>
            call<ArmResource>("GET", id).catch((error) => {
                if (error instanceof ArmError && error.status === 404 && error.code.endsWith("NotFound"))
                    return undefined;
                throw error;
            }),
        put: (id, body) => call("PUT", id, body),
        remove: async (id) => void (await call("DELETE", id)),
        post: (path) => call("POST", path),
    };
}
