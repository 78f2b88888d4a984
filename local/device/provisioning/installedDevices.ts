import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../base/store";
import { type Clock, systemClock } from "../clock";
import { openDeviceLogs } from "../deviceLogs";
import type { ProvisioningStatus } from "../deviceStatus";
import { type IdentityService, identityService } from "./identityService";
import type { EnrolledDevice } from "./setUp";

/** The devices that are set up on this machine to register themselves, by a key of their own. */
export interface InstalledDevices {
    entries(): [key: string, device: EnrolledDevice][];
    get(key: string): EnrolledDevice | undefined;
    /** Changes what lies on the disk of a device that is there. */
    change(key: string, changes: Partial<EnrolledDevice>): void;
    /** Sets a device up, which registers at once. */
    install(device: EnrolledDevice): void;
    /** Takes a device away, with all that it has. */
    takeAway(key: string): void;
    /** Lets those of one service register that did not yet. */
    start(service: string): void;
    /** Lets one that is assigned register anew. */
    reprovision(key: string, reason: string): void;
    status(key: string): ProvisioningStatus | undefined;
    close(): Promise<void>;
}

/** What they stand on. */
export interface InstalledDevicesOptions {
    /** Holds a folder for each device, with its log. */
    readonly folder: string;
    readonly store: Store;
    readonly caPem: string;
    readonly clock?: Clock;
    /** The rest before a device asks again, in milliseconds. */
    readonly pause?: number;
    /** Is called after a device was assigned, or no longer is. */
    onAssigned(): void;
}

/** Takes up those that were set up before. */
export function installedDevices(options: InstalledDevicesOptions): InstalledDevices {
    const { store, caPem, clock = systemClock, pause, onAssigned } = options;
    const disks = store.collection<EnrolledDevice>("enrolledDevices");
    const running = new Map<string, IdentityService>();

    const folderOf = ({ service, setUp }: EnrolledDevice) =>
        join(options.folder, `${service}.dps`, setUp.registrationId.replaceAll(".", "%2E"));

    function change(key: string, changes: Partial<EnrolledDevice>): void {
        const disk = disks.get(key);
        if (disk) disks.put(key, { ...disk, ...changes });
    }

    function switchOn(key: string, disk: EnrolledDevice): IdentityService {
        const log = openDeviceLogs(folderOf(disk), clock).writer("aziot-identityd");
        const now = () => disks.get(key) ?? disk;
        const identity = identityService({
            setUp: () => now().setUp,
            assigned: () => now().assigned,
            assign(assigned) {
                change(key, { assigned });
                onAssigned();
            },
            caPem,
            clock,
            pause,
            log,
        });
        running.set(key, identity);
        return identity;
    }

    for (const [key, disk] of disks.entries()) switchOn(key, disk);
    return {
        entries: () => disks.entries(),
        get: (key) => disks.get(key),
        change,
        install(device) {
            const key = keyOf(device);
            disks.put(key, device);
            switchOn(key, device).start();
        },
        takeAway(key) {
            const disk = disks.get(key);
            disks.remove(key);
            void running.get(key)?.stop();
            running.delete(key);
            if (disk) rmSync(folderOf(disk), { recursive: true, force: true });
        },
        start(service) {
            for (const [key, disk] of disks.entries())
                if (disk.service === service) running.get(key)?.start();
        },
        reprovision: (key, reason) => running.get(key)?.reprovision(reason),
        status(key) {
            const disk = disks.get(key);
            if (!disk) return undefined;
            const { idScope, registrationId } = disk.setUp;
            const assignedHub = disk.assigned?.assignedHub ?? null;
            const error = running.get(key)?.error() ?? null;
            return { source: "dps", idScope, registrationId, assignedHub, error };
        },
        async close() {
            await Promise.all([...running.values()].map((identity) => identity.stop()));
        },
    };
}

/** Tells a device from all others that are set up here. */
export function keyOf({ service, setUp }: EnrolledDevice): string {
    return `${service}/${setUp.registrationId}`;
}
