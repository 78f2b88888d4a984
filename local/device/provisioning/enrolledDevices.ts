import type { EnrolledThere, LocalProvisioning } from "../../planes/dps/plane";
import type { LocalHub } from "../../planes/hub/plane";
import type { DeviceStatus, ProvisioningStatus } from "../deviceStatus";
import { type InstalledDevicesOptions, installedDevices, keyOf } from "./installedDevices";
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

/** Takes up the devices that were set up before, with the registration that is on their disk. */
export function enrolledDevices(options: Omit<InstalledDevicesOptions, "onAssigned">): EnrolledDevices {
    const services = new Map<string, LocalProvisioning>();
    const hubs = new Map<string, LocalHub>();
    /** The hubs that were deleted; a service may be linked to one still. */
    const deleted = new Set<string>();
    const listeners = new Set<() => void>();
    const tell = () => {
        for (const listener of [...listeners]) listener();
    };
    const installed = installedDevices({ ...options, onAssigned: tell });

    /** Compares what is set up with the enrollment lists and identities that can be seen now. */
    function settle(): void {
        for (const [key, device] of installed.entries()) {
            const service = services.get(device.service);
            if (service && device.isEnrolled && !hasEntry(service, device))
                installed.change(key, { isEnrolled: false });
        }
        for (const service of services.values()) wantedDevices(service, hubs).forEach(setUp);
        for (const [key, device] of installed.entries()) {
            if (isThere(device)) continue;
            if (!device.isEnrolled) installed.takeAway(key);
            else installed.reprovision(key, "the hub has no such device");
        }
        tell();
    }

    /** Sets up a device that is not there, in place of one of its name whose entry is gone. */
    function setUp(wanted: EnrolledDevice): void {
        const key = keyOf(wanted);
        const own = installed.get(key);
        if (own?.isEnrolled) {
            if (own.hubs.join() !== wanted.hubs.join()) installed.change(key, { hubs: wanted.hubs });
            return;
        }
        const same = installed.entries().filter(([other, device]) => other === key || isSame(device, wanted));
        if (same.some(([, { isEnrolled }]) => isEnrolled)) return;
        for (const [other] of same) installed.takeAway(other);
        installed.install(wanted);
    }

    /** Whether its hub has the device, or may have it since it is closed; before it is assigned any of its hubs. */
    function isThere({ deviceId, hubs: linked, assigned }: EnrolledDevice): boolean {
        const places = assigned ? [assigned.assignedHub] : linked;
        return places.some((hostName) => {
            if (deleted.has(hostName)) return false;
            const hub = hubs.get(hostName);
            return !hub || hub.devices().some((identity) => identity.deviceId === deviceId);
        });
    }

    /** Whoever restarts the local Azure also puts the keys onto the devices that the entries have by then. */
    function renewKeys(service: LocalProvisioning): void {
        for (const wanted of wantedDevices(service, hubs)) {
            const device = installed.get(keyOf(wanted));
            if (device?.isEnrolled && hasEntry(service, device))
                installed.change(keyOf(wanted), { setUp: wanted.setUp });
        }
    }

    function find(hubHostName: string, deviceId: string): [string, EnrolledDevice] | undefined {
        const named = installed.entries().filter(([, device]) => device.deviceId === deviceId);
        return (
            named.find(([, { assigned }]) => assigned?.assignedHub === hubHostName) ??
            named.find(([, device]) => device.hubs.includes(hubHostName))
        );
    }

    return {
        serve(service) {
            services.set(service.name, service);
            renewKeys(service);
            installed.start(service.name);
            settle();
            return {
                look: settle,
                stop: () => void services.delete(service.name),
                forget() {
                    for (const [key, device] of installed.entries())
                        if (device.service === service.name) installed.change(key, { isEnrolled: false });
                    settle();
                },
            };
        },
        openHub(hub) {
            const { hostName } = hub;
            hubs.set(hostName, hub);
            deleted.delete(hostName);
            const stopListening = hub.onDevicesChanged(settle);
            settle();
            return {
                close() {
                    stopListening();
                    hubs.delete(hostName);
                },
                forget() {
                    deleted.add(hostName);
                    settle();
                },
            };
        },
        claim(hubHostName, deviceId) {
            const [key, device] = find(hubHostName, deviceId) ?? [];
            const status = key && installed.status(key);
            if (!key || !device || !status) return undefined;
            return {
                isAssigned: device.assigned?.assignedHub === hubHostName,
                key: device.setUp.key,
                status,
                refused: (reason) => installed.reprovision(key, reason),
            };
        },
        onChanged(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        status: () =>
            installed.entries().flatMap(([key, { deviceId, assigned }]) => {
                const provisioning = installed.status(key);
                if (assigned || !provisioning) return [];
                return [{ deviceId, connected: false, provisioning, modules: [] }];
            }),
        close: installed.close,
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
