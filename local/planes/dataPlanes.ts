import type { StackPorts } from "../base/ports";
import type { FaultSource } from "../faults/underFaults";
import type { PlaneHost, RunningPlane } from "./plane";
import type { PlaneName, Planes, SettingsOf } from "./planeKinds";
import { servePlane } from "./servePlane";

/** The data planes of all resources that have one. Resources are named by ARM's id. */
export interface DataPlanes {
    /** The loopback port of a resource, chosen once and kept until the resource is deleted. */
    port(id: string): Promise<number>;
    /** Opens the data plane of a resource, or lets the one that is open follow a change. */
    run<Name extends PlaneName>(name: Name, id: string, settings: SettingsOf<Name>): Promise<void>;
    /** Closes it, with all that it remembers. */
    remove(id: string): Promise<void>;
    /** The host names of those that are open, in the order in which they were opened. */
    hostNames(name: PlaneName): string[];
    close(): Promise<void>;
}

/** The first port that a data plane takes. While one replaces another both are open, so each has its own. */
const firstPort = 8443;

/** Runs data planes of every kind in the same way. */
export function dataPlanes(
    planes: Planes,
    host: PlaneHost & { readonly ports: StackPorts; readonly faultsOf: (name: PlaneName) => FaultSource },
): DataPlanes {
    interface Open {
        readonly name: PlaneName;
        readonly hostName: string;
        readonly running: RunningPlane<unknown>;
    }
    const open = new Map<string, Open>();
    const key = (id: string) => id.toLowerCase();

    return {
        port: (id) => host.ports.of(key(id), firstPort),
        async run(name, id, settings) {
            const known = open.get(key(id));
            if (known) return known.running.update(settings);
            const plane = planes[name] as never;
            const running = await servePlane(plane, settings, host, host.faultsOf(name));
            open.set(key(id), { name, hostName: settings.hostName, running });
        },
        async remove(id) {
            const known = open.get(key(id));
            open.delete(key(id));
            await known?.running.close();
            await known?.running.forget();
            host.ports.release(key(id));
        },
        hostNames: (name) =>
            [...open.values()].filter((one) => one.name === name).map(({ hostName }) => hostName),
        async close() {
            for (const [id, { running }] of [...open]) {
                open.delete(id);
                await running.close();
            }
        },
    };
}
