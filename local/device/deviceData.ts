import type { Collection, Store } from "../base/store";
import type { KeptDesired } from "./agent/reconciler";
import type { EdgeHubData } from "./edgeHub/edgeHubOptions";
import type { ModuleRecord } from "./modules/moduleRecords";
import type { DeviceImage } from "./modules/moduleRuntime";

/** What the store keeps of one device, apart from what lies on its disk. */
export interface DeviceData {
    modules: Collection<ModuleRecord>;
    desired: Collection<KeptDesired>;
    /** The images that the device pulled into the Docker engine, by the name they were pulled by. */
    pulled: Collection<DeviceImage>;
    edgeHub: EdgeHubData;
    /** Removes everything that is kept of the device. */
    erase(): void;
}

/** Opens what is kept of a device. */
export function openDeviceData(store: Store, hubHostName: string, deviceId: string): DeviceData {
    const opened: Collection<unknown>[] = [];
    function open<T>(name: string): Collection<T> {
        const collection = store.collection<T>(`device/${hubHostName}/${deviceId}/${name}`);
        opened.push(collection as Collection<unknown>);
        return collection;
    }
    return {
        modules: open("modules"),
        desired: open("desired"),
        pulled: open("pulled"),
        edgeHub: {
            config: open("edgeHub"),
            messages: open("messages"),
            twins: open("twins"),
            transaction: store.transaction,
        },
        erase: () =>
            store.transaction(() => {
                for (const collection of opened)
                    for (const [key] of collection.entries()) collection.remove(key);
            }),
    };
}
