import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArmResource, parseArmPath, subscriptionId } from "../../../local/arm/armResource";
import { type Duration, type Operations, operationsOn } from "../../../local/arm/operations";
import { type ResourceModel, resourceModel } from "../../../local/arm/resourceModel";
import type { Properties } from "../../../local/arm/resourceType";
import { openStore, type Store } from "../../../local/base/store";
import type { DataPlanes } from "../../../local/planes/dataPlanes";

/** The resources of a subscription over a store of its own, and what their data planes were told; none of them runs. */
export interface TestModel {
    readonly model: ResourceModel;
    readonly operations: Operations;
    readonly store: Store;
    /** What each data plane was run with last, by the id of its resource. */
    readonly running: Map<string, { plane: string; settings: Properties }>;
    /** Puts a resource into the group `rg` of westeurope, by what follows `providers/`. */
    put(below: string, body?: Partial<ArmResource>): Promise<ArmResource>;
    get(below: string): ArmResource;
    remove(below: string): Promise<boolean>;
    post(below: string, body?: Properties): Properties;
    close(): Promise<void>;
}

export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/rg`;

/** Its changes take no time, or as long as `durationMs` says by the clock `now`. */
export async function startTestModel(
    durationMs?: Duration,
    now?: () => number,
    delayMs?: () => number,
): Promise<TestModel> {
    const folder = mkdtempSync(join(tmpdir(), "model-"));
    const store = openStore(folder);
    const running: TestModel["running"] = new Map();
    let ports = 9000;
    const known = new Map<string, number>();
    const planes: DataPlanes = {
        async port(id) {
            const port = known.get(id.toLowerCase()) ?? ++ports;
            known.set(id.toLowerCase(), port);
            return port;
        },
        async run(plane, id, settings) {
            running.set(id, { plane, settings: settings as unknown as Properties });
        },
        async remove(id) {
            running.delete(id);
            known.delete(id.toLowerCase());
        },
        hostNames: () => [],
        close: async () => {},
    };
    const model = resourceModel(store, planes, delayMs);
    const path = (below: string) => {
        const found = parseArmPath(below === "" ? groupId : `${groupId}/providers/${below}`);
        if (!found) throw new Error(`${below} is no path.`);
        return found;
    };
    const test: TestModel = {
        model,
        operations: operationsOn(store, model, durationMs, now),
        store,
        running,
        put: (below, body = {}) => model.put(path(below), { location: "westeurope", ...body }),
        get: (below) => model.get(path(below)),
        remove: (below) => model.delete(path(below)),
        post: (below, body) => model.action(path(below), body),
        async close() {
            await store.close();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    await test.put("");
    return test;
}
