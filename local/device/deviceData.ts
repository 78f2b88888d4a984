import type { Collection, Store } from "../base/store";
import type { KeptDesired } from "./agent/reconciler";
import type { EdgeHubData } from "./edgeHub/edgeHubOptions";
import type { ModuleRecord } from "./modules/moduleRecords";
import type { DeviceImage } from "./modules/moduleRuntime";

/** Opens what the store keeps of one device, apart from what lies on its disk. */
export function openDeviceData(store: Store, hubHostName: string, deviceId: string) {
    const opened: Collection<unknown>[] = [];
    function open<T>(name: string): Collection<T> {
        const collection = store.collection<T>(`device/${hubHostName}/${deviceId}/${name}`);
        opened.push(collection as Collection<unknown>);
        return collection;
    }
    return {
        modules: open<ModuleRecord>("modules"),
        desired: open<KeptDesired>("desired"),
        /** The images that the device pulled into the Docker engine, by the name they were pulled by. */
        pulled: open<DeviceImage>("pulled"),
        edgeHub: {
            config: open("edgeHub"),
            messages: open("messages"),
            twins: open("twins"),
            transaction: store.transaction,
        } satisfies EdgeHubData,
        /** Removes everything that is kept of the device. */
        erase: () =>
            store.transaction(() => {
                for (const collection of opened)
                    for (const [key] of collection.entries()) collection.remove(key);
            }),
    };
}
