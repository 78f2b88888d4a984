import { realpathSync } from "node:fs";
import { isAbsolute, normalize, sep } from "node:path";
import type { CreateOptions } from "./createOptions";

/** Members that name a namespace, and those that share something of the machine. */
const namespaces = ["NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode"] as const;
const shared = ["Mounts", "VolumesFrom", "Devices", "DeviceRequests", "DeviceCgroupRules"] as const;

/**
 * Why this device does not run a module with these options; undefined when it does. A module stays within itself: it
 * gets no rights over the machine, none of its namespaces, none of its files. `storage` is the folder, if any, below
 * which it may bind.
 */
export function refusalOf(options: CreateOptions, storage?: string): string | undefined {
    // Docker reads members in any case, so one in another spelling would not be looked at below.
    const misspelled = otherCase(options);
    if (misspelled)
        return `${misspelled.found} is to be written ${misspelled.expected}, which this device insists on`;
    const host = options.HostConfig;
    if (host?.Privileged) return "HostConfig.Privileged is true, which this device does not allow";
    for (const name of namespaces) {
        const mode = host?.[name];
        if (mode === "host" || mode?.startsWith("container:")) {
            return `HostConfig.${name} is ${mode}, which this device does not allow`;
        }
    }
    for (const name of shared) {
        if (host?.[name]?.length)
            return `HostConfig.${name} shares what lies outside the module, which this device does not allow`;
    }
    const outside = host?.Binds?.find((bind) => !isBelow(storage, bind));
    if (outside !== undefined) {
        const allowed = storage === undefined ? "" : `; what is below ${storage} is allowed`;
        return `HostConfig.Binds shares what lies outside the module, which this device does not allow${allowed}`;
    }
    if (host?.PublishAllPorts)
        return "HostConfig.PublishAllPorts opens ports to the network, which this device does not allow";
    if (host?.CgroupParent) return "HostConfig.CgroupParent is set, which this device does not allow";
    if (host?.SecurityOpt?.some((option) => !/^no-new-privileges/.test(option)))
        return "HostConfig.SecurityOpt takes protection away, which this device does not allow";
    return undefined;
}

/** The members whose spelling counts, because this device looks at them or changes them. */
const guarded = [
    ...["Env", "Labels", "ExposedPorts", "HostConfig", "NetworkingConfig"],
    ...["Privileged", ...namespaces, ...shared, "Binds", "PublishAllPorts", "CgroupParent", "SecurityOpt"],
    ...["PortBindings", "CapAdd", "CapDrop", "RestartPolicy", "AutoRemove", "LogConfig", "ExtraHosts"],
];

function otherCase(options: CreateOptions): { found: string; expected: string } | undefined {
    for (const found of [...Object.keys(options), ...Object.keys(options.HostConfig ?? {})]) {
        const expected = guarded.find((name) => name.toLowerCase() === found.toLowerCase());
        if (expected !== undefined && expected !== found) return { found, expected };
    }
    return undefined;
}

/** Whether a bind's source is a volume of the engine or lies, links followed, below `storage`. */
function isBelow(storage: string | undefined, bind: string): boolean {
    const source = bindSource(bind);
    if (storage === undefined || source === undefined) return false;
    if (!isAbsolute(source)) return /^[A-Za-z0-9][\w.-]*$/.test(source);
    const within = (place: string) => place === storage || place.startsWith(storage + sep);
    if (!within(normalize(source))) return false;
    try {
        return within(realpathSync(source));
    } catch {
        // The folder does not exist yet: it is made together with the module.
        return true;
    }
}

/** The source of a bind `source:target[:options]`: the folder or volume of the machine that the module gets to see. */
export function bindSource(bind: string): string | undefined {
    const [source, target] = bind.split(":");
    return target ? source : undefined;
}
