import { isRecord, type Loose, recordIn } from "./readBody";

/** Where a number of `HostConfig` is beyond what Docker takes, or two members contradict each other; a sentence each. */
export function limitProblems(host: Loose, place: string): string[] {
    const problems = Object.entries(ranges).flatMap(([name, [least, most]]) => {
        const value = host[name];
        return typeof value === "number" && (value < least || value > most)
            ? [`Expected ${place}.${name} to lie between ${least} and ${most}, found ${value}.`]
            : [];
    });
    const [memory, swap, reserved] = ["Memory", "MemorySwap", "MemoryReservation"].map((name) => {
        const value = host[name];
        return typeof value === "number" && value > 0 ? value : undefined;
    });
    if (memory !== undefined && memory < leastMemory)
        problems.push(
            `Expected ${place}.Memory to be at least ${leastMemory} bytes, which is Docker's least, found ${memory}.`,
        );
    if (swap !== undefined && swap < (memory ?? Number.POSITIVE_INFINITY))
        problems.push(
            `Expected ${place}.MemorySwap, which is memory and swap together, to be at least Memory, found ${swap} and ${memory ?? "none"}.`,
        );
    if (memory !== undefined && reserved !== undefined && reserved > memory)
        problems.push(
            `Expected ${place}.MemoryReservation to be at most Memory, found ${reserved} and ${memory}.`,
        );
    if (host.NanoCpus && (host.CpuPeriod || host.CpuQuota))
        problems.push(
            `Expected ${place} to have NanoCpus or CpuPeriod and CpuQuota, found both. Docker refuses that.`,
        );
    return [...problems, ...choiceProblems(host, place)];
}

function choiceProblems(host: Loose, place: string): string[] {
    const problem = (at: string, value: unknown, choices: readonly string[]) =>
        typeof value !== "string" || choices.includes(value)
            ? []
            : [`Expected ${place}.${at} to be one of ${choices.join(", ")}, found "${value}".`];
    const list = (name: string) => (Array.isArray(host[name]) ? host[name] : []).filter(isRecord);
    const { Type: type } = recordIn(host, "LogConfig");
    const { Name: restart } = recordIn(host, "RestartPolicy");
    return [
        ...problem("LogConfig.Type", type || undefined, logDrivers),
        ...problem("RestartPolicy.Name", restart || undefined, restartPolicies),
        ...problem("CgroupnsMode", host.CgroupnsMode || undefined, ["private", "host"]),
        ...list("Mounts").flatMap((mount, index) => [
            ...problem(`Mounts[${index}].Type`, mount.Type ?? "", mountTypes),
            ...(typeof mount.Target === "string" && mount.Target.startsWith("/")
                ? []
                : [
                      `Expected ${place}.Mounts[${index}].Target to be a path such as /data, found ${mount.Target ?? "none"}.`,
                  ]),
            ...(mount.Type === "bind" && !mount.Source
                ? [`Expected ${place}.Mounts[${index}].Source to be a path of the device, found none.`]
                : []),
        ]),
        ...list("Devices").flatMap(({ PathOnHost: path }, index) =>
            path
                ? []
                : [
                      `Expected ${place}.Devices[${index}].PathOnHost to be a device such as /dev/video0, found none.`,
                  ],
        ),
        ...list("Ulimits").flatMap(({ Name: name, Soft: soft, Hard: hard }, index) => [
            ...problem(`Ulimits[${index}].Name`, name ?? "", ulimits),
            ...(typeof soft === "number" &&
            typeof hard === "number" &&
            hard !== -1 &&
            (soft > hard || soft === -1)
                ? [`Expected ${place}.Ulimits[${index}].Soft to be at most Hard, found ${soft} and ${hard}.`]
                : []),
        ]),
        ...list("DeviceRequests").flatMap((request, index) =>
            request.Count && Array.isArray(request.DeviceIDs) && request.DeviceIDs.length > 0
                ? [
                      `Expected ${place}.DeviceRequests[${index}] to have Count or DeviceIDs, found both. Docker refuses that.`,
                  ]
                : [],
        ),
        ...binds(host, place),
    ];
}

function binds(host: Loose, place: string): string[] {
    return (Array.isArray(host.Binds) ? host.Binds : [])
        .filter((bind) => typeof bind === "string" && !/^[^:]+:\/[^:]*(:[A-Za-z,]+)?$/.test(bind))
        .map(
            (bind) => `Expected ${place}.Binds to have entries such as /folder:/target:ro, found "${bind}".`,
        );
}

/** Docker refuses a container with less memory, in bytes. */
const leastMemory = 6 * 1024 * 1024;
const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
    MemorySwappiness: [-1, 100],
    OomScoreAdj: [-1000, 1000],
    BlkioWeight: [0, 1000],
    CpuShares: [0, Number.MAX_SAFE_INTEGER],
    Memory: [0, Number.MAX_SAFE_INTEGER],
    NanoCpus: [0, Number.MAX_SAFE_INTEGER],
    ShmSize: [0, Number.MAX_SAFE_INTEGER],
};
const logDrivers = "json-file local journald syslog none fluentd gelf awslogs splunk gcplogs etwlogs".split(
    " ",
);
const restartPolicies = ["no", "always", "unless-stopped", "on-failure"];
const mountTypes = ["bind", "volume", "tmpfs", "npipe", "cluster", "image"];
const ulimits =
    "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
        " ",
    );
