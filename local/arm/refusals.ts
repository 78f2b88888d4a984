import { ArmError } from "./armError";
import type { ArmResource } from "./armResource";
import type { AzureContext, ResourceService } from "./resourceType";

/** Refuses a request, as ARM does, unless what it has to meet is met. */
export function demand(met: unknown, code: string, message: string, status = 400): asserts met {
    if (!met) throw new ArmError(status, code, message);
}

/** The name of the SKU that a resource asks for; refuses one that its service does not have. */
export function demandSku({ sku }: ArmResource, known: readonly string[], code: string): string {
    const name = sku?.name ?? "";
    const choice = known.length > 1 ? `one of ${known.join(", ")}` : known.join();
    demand(known.includes(name), code, `Expected the SKU to be ${choice}, found "${name}".`);
    return name;
}

/** A `refuseDelete` for what Azure keeps while another resource uses it. */
export function refuseWhileUsed(
    code: string,
    message: (resource: ArmResource, user: ArmResource) => string,
): ResourceService["refuseDelete"] {
    return (resource, [user]) => {
        if (user) throw new ArmError(400, code, message(resource, user));
    };
}

/** Refuses to give to `wanted` what has one user at a time, such as a network interface, and has another one already. */
export function refuseSecondUser(
    wanted: ArmResource,
    ids: readonly string[],
    azure: AzureContext,
    code: string,
    message: (id: string, user: ArmResource) => string,
): void {
    for (const id of ids) {
        const user = azure.usersOf(id).find((other) => other.id !== wanted.id);
        if (user) throw new ArmError(400, code, message(id, user));
    }
}
