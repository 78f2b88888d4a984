import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../base/store";
import type { EnrolledThere, LocalProvisioning } from "../../planes/dps/plane";
import type { LocalHub } from "../../planes/hub/plane";
import { type Clock, systemClock } from "../clock";
import { openDeviceLogs } from "../deviceLogs";
import type { DeviceStatus, ProvisioningStatus } from "../deviceStatus";
import { type IdentityService, identityService } from "./identityService";
import type { EnrolledDevice } from "./setUp";
import { wantedDevices } from "./wantedDevices";

/** A device that registers itself, as its hub's side sees it. */
export interface Claim {
    /** Whether it was assigned to this hub, and so is to be switched on there. */
    readonly isAssigned: boolean;
    /** base64 */
    readonly key: string;
    readonly status: ProvisioningStatus;
    /** The hub does not take the device: it is to register anew. */
    refused(reason: string): void;
}

/** The devices of this machine that register themselves, at whatever provisioning service. */
export interface EnrolledDevices {
    /** Sets up the devices that are enrolled at a service, as long as it is open. */
    serve(service: LocalProvisioning): EnrolledThere;
    /** Looks for identities in a hub until it is closed. */
    openHub(hub: LocalHub): { close(): void; forget(): void };
    /** The device that registers itself to be this one; undefined for one that is set up by hand. */
    claim(hubHostName: string, deviceId: string): Claim | undefined;
    /** Calls `listener` after a device came, was assigned, or went; returns how to stop it. */
    onChanged(listener: () => void): () => void;
    /** Those that are assigned to no hub. */
    status(): DeviceStatus[];
    /** Switches all of them off; they go on from there. */
    close(): Promise<void>;
}

export interface EnrolledDevicesOptions {
    /** Holds a folder for each device, with its log. */
    readonly folder: string;
    readonly store: Store;
    readonly caPem: string;
    readonly clock?: Clock;
    /** The rest before a device asks again, in milliseconds. */
    readonly pause?: number;
}

/** Takes up the devices that were set up before, with the registration that is on their disk. */
export function enrolledDevices(options: EnrolledDevicesOptions): EnrolledDevices {
    const { store, caPem, clock = systemClock, pause } = options;
    const disks = store.collection<EnrolledDevice>("enrolledDevices");
    const running = new Map<string, IdentityService>();
    const services = new Map<string, LocalProvisioning>();
    const hubs = new Map<string, LocalHub>();
    const listeners = new Set<() => void>();

    const keyOf = ({ service, setUp }: EnrolledDevice) => `${service}/${setUp.registrationId}`;
    const folderOf = ({ service, setUp }: EnrolledDevice) =>
        join(options.folder, `${service}.dps`, setUp.registrationId.replaceAll(".", "%2E"));

    function changed(): void {
        for (const listener of [...listeners]) listener();
    }

    /** Switches the identity service of a device on. */
    function run(key: string, disk: EnrolledDevice): IdentityService {
        const log = openDeviceLogs(folderOf(disk), clock).writer("aziot-identityd");
        const now = () => disks.get(key) ?? disk;
        const identity = identityService({
            setUp: () => now().setUp,
            assigned: () => now().assigned,
            assign(assigned) {
                disks.put(key, { ...now(), assigned });
                // A hub that settles now may switch the device on or off.
                changed();
            },
            caPem,
            clock,
            pause,
            log,
        });
        running.set(key, identity);
        return identity;
    }

    function setUp(key: string, wanted: EnrolledDevice): void {
        disks.put(key, wanted);
        run(key, wanted).start();
    }

    function takeAway(key: string, disk: EnrolledDevice): void {
        disks.remove(key);
        void running.get(key)?.stop();
        running.delete(key);
        rmSync(folderOf(disk), { recursive: true, force: true });
    }

    /** Compares what is set up with the enrollment lists and identities that can be seen now. */
    function settle(): void {
        for (const [key, disk] of disks.entries()) {
            const service = services.get(disk.service);
            if (service && disk.isEnrolled && !hasEntry(service, disk)) {
                disks.put(key, { ...disk, isEnrolled: false });
            }
        }
        for (const service of services.values()) {
            for (const wanted of wantedDevices(service, hubs)) {
                const key = keyOf(wanted);
                const own = disks.get(key);
                if (own?.isEnrolled) {
                    if (own.hubs.join() !== wanted.hubs.join()) disks.put(key, { ...own, hubs: wanted.hubs });
                    continue;
                }
                const same = disks.entries().filter(([other, disk]) => other === key || isSame(disk, wanted));
                if (same.some(([, { isEnrolled }]) => isEnrolled)) continue;
                for (const [other, disk] of same) takeAway(other, disk);
                setUp(key, wanted);
            }
        }
        for (const [key, disk] of disks.entries()) {
            const { isEnrolled, assigned } = disk;
            const hub = assigned && hubs.get(assigned.assignedHub);
            const isGone = hub && !hub.devices().some(({ deviceId }) => deviceId === assigned.deviceId);
            if (!isEnrolled && (!assigned || isGone)) takeAway(key, disk);
            else if (isGone) running.get(key)?.reprovision("the hub has no such device");
        }
        changed();
    }

    /** Whoever restarts the local Azure also puts the keys onto the devices that the entries have by then. */
    function renewKeys(service: LocalProvisioning): void {
        for (const wanted of wantedDevices(service, hubs)) {
            const disk = disks.get(keyOf(wanted));
            if (disk?.isEnrolled && hasEntry(service, disk))
                disks.put(keyOf(wanted), { ...disk, setUp: wanted.setUp });
        }
    }

    function find(hubHostName: string, deviceId: string): [string, EnrolledDevice] | undefined {
        const named = disks.entries().filter(([, disk]) => disk.deviceId === deviceId);
        return (
            named.find(([, { assigned }]) => assigned?.assignedHub === hubHostName) ??
            named.find(([, disk]) => disk.hubs.includes(hubHostName))
        );
    }

    function statusOf(key: string, { setUp, assigned }: EnrolledDevice): ProvisioningStatus {
        const { idScope, registrationId } = setUp;
        const error = running.get(key)?.error() ?? null;
        return { source: "dps", idScope, registrationId, assignedHub: assigned?.assignedHub ?? null, error };
    }

    for (const [key, disk] of disks.entries()) run(key, disk);
    return {
        serve(service) {
            services.set(service.name, service);
            renewKeys(service);
            for (const [key, disk] of disks.entries())
                if (disk.service === service.name) running.get(key)?.start();
            settle();
            return {
                look: settle,
                stop: () => void services.delete(service.name),
                forget() {
                    for (const [key, disk] of disks.entries())
                        if (disk.service === service.name) disks.put(key, { ...disk, isEnrolled: false });
                    settle();
                },
            };
        },
        openHub(hub) {
            hubs.set(hub.hostName, hub);
            const stopListening = hub.onDevicesChanged(settle);
            settle();
            return {
                close() {
                    stopListening();
                    hubs.delete(hub.hostName);
                },
                forget() {
                    for (const [key, disk] of disks.entries())
                        if (disk.assigned?.assignedHub === hub.hostName)
                            running.get(key)?.reprovision("the hub is gone");
                    settle();
                },
            };
        },
        claim(hubHostName, deviceId) {
            const [key, disk] = find(hubHostName, deviceId) ?? [];
            if (!key || !disk) return undefined;
            return {
                isAssigned: disk.assigned?.assignedHub === hubHostName,
                key: disk.setUp.key,
                status: statusOf(key, disk),
                refused: (reason) => running.get(key)?.reprovision(reason),
            };
        },
        onChanged(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        status: () =>
            disks
                .entries()
                .filter(([, { assigned }]) => !assigned)
                .map(([key, disk]) => ({
                    deviceId: disk.deviceId,
                    connected: false,
                    provisioning: statusOf(key, disk),
                    modules: [],
                })),
        async close() {
            await Promise.all([...running.values()].map((identity) => identity.stop()));
        },
    };
}

/** Whether the entry that the device was set up for is still there. */
function hasEntry({ enrollments }: LocalProvisioning, { setUp: { entry } }: EnrolledDevice): boolean {
    return enrollments.find(entry.kind, entry.id)?.shown.createdDateTimeUtc === entry.created;
}

/** Whether both are the same device of one hub. */
function isSame(one: EnrolledDevice, other: EnrolledDevice): boolean {
    return one.deviceId === other.deviceId && one.hubs.some((hub) => other.hubs.includes(hub));
}
