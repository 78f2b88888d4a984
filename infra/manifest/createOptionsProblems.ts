/** A JSON object of which nothing is known yet. */
type Loose = Readonly<Record<string, unknown>>;

/**
 * The mistakes in a container's options, a sentence each. Docker passes over a key that it does not know and over ports
 * that nothing exposes, and refuses a number for a port or a text for a size only when the container is created, on the
 * device. `imageExposes` says that the image is known to expose its own ports.
 */
export function createOptionsProblems(options: Loose, place: string, imageExposes = false): string[] {
    const host = record(options.HostConfig);
    return [
        ...wrongKeys(options, containerKeys, hostKeys, place, "HostConfig"),
        ...wrongKeys(host, hostKeys, containerKeys, `${place}.HostConfig`, "createOptions itself"),
        ...lists(options, place),
        ...ports(options, host, place, imageExposes),
        ...sizes(host, `${place}.HostConfig`),
        ...logs(host, `${place}.HostConfig`),
        ...binds(host, `${place}.HostConfig`),
        ...(host.Privileged === true
            ? [
                  `Expected ${place}.HostConfig without Privileged, found true. Give the module only the Devices that it needs; edgeAgent may take the right away.`,
              ]
            : []),
    ];
}

/** The host's port of each binding, such as `8080/tcp`. */
export function boundPorts(options: Loose): string[] {
    return bindings(record(record(options.HostConfig).PortBindings)).flatMap(({ port, binding }) => {
        const protocol = port.split("/")[1] ?? "tcp";
        const hostPort = record(binding).HostPort;
        return typeof hostPort === "string" && /^[1-9]\d*$/.test(hostPort) ? [`${hostPort}/${protocol}`] : [];
    });
}

function wrongKeys(
    found: Loose,
    own: readonly string[],
    others: readonly string[],
    place: string,
    other: string,
) {
    return Object.keys(found).flatMap((key) => {
        if (own.includes(key)) return [];
        const meant = own.find((name) => name.toLowerCase() === key.toLowerCase());
        if (meant)
            return [
                `Expected ${place} to have ${meant} in this case, found "${key}". Docker passes over it.`,
            ];
        const misplaced = others.find((name) => name.toLowerCase() === key.toLowerCase());
        return misplaced
            ? [`Expected ${misplaced} to stand in ${other}, found it in ${place}. Docker passes over it.`]
            : [];
    });
}

function lists(options: Loose, place: string): string[] {
    return ["Env", "Cmd", "Entrypoint"].flatMap((key) => {
        const value = options[key];
        const isList = Array.isArray(value) && value.every((entry) => typeof entry === "string");
        return value === undefined || value === null || isList
            ? []
            : [`Expected ${place}.${key} to be a list of texts, found ${kind(value)}.`];
    });
}

function ports(options: Loose, host: Loose, place: string, imageExposes: boolean): string[] {
    const bound = record(host.PortBindings);
    const exposed = Object.keys(record(options.ExposedPorts)).map(withProtocol);
    const problems = Object.keys(bound).flatMap((port) => {
        if (!/^[1-9]\d*(\/(tcp|udp|sctp))?$/.test(port)) {
            return [
                `Expected ${place}.HostConfig.PortBindings to have keys such as 80/tcp, found "${port}".`,
            ];
        }
        return imageExposes || exposed.includes(withProtocol(port))
            ? []
            : [
                  `Expected ${place}.ExposedPorts to have ${withProtocol(port)}, which PortBindings binds, found none. Without it the port answers only where the image exposes it.`,
              ];
    });
    for (const { port, binding } of bindings(bound)) {
        const hostPort = record(binding).HostPort;
        if (typeof hostPort === "string" && /^([1-9]\d*(-[1-9]\d*)?)?$/.test(hostPort)) continue;
        const found = typeof hostPort === "string" ? `"${hostPort}"` : kind(hostPort);
        problems.push(
            `Expected HostPort of ${port} in ${place}.HostConfig.PortBindings to be a number in a text such as "8080", found ${found}.`,
        );
    }
    if (host.NetworkMode === "host" && Object.keys(bound).length > 0) {
        problems.push(
            `Expected ${place}.HostConfig to have PortBindings or NetworkMode host, found both. In the host's network Docker passes over them.`,
        );
    }
    return problems;
}

function sizes(host: Loose, place: string): string[] {
    const problems = [
        "Memory",
        "MemoryReservation",
        "MemorySwap",
        "NanoCpus",
        "CpuShares",
        "PidsLimit",
    ].flatMap((key) => {
        const value = host[key];
        return value === undefined || value === null || Number.isInteger(value)
            ? []
            : [
                  `Expected ${place}.${key} to be a whole number${key.startsWith("Memory") ? " of bytes" : ""}, found ${typeof value === "string" ? `"${value}"` : kind(value)}.`,
              ];
    });
    const { Memory: memory } = host;
    if (typeof memory === "number" && memory > 0 && memory < leastMemory) {
        problems.push(
            `Expected ${place}.Memory to be at least ${leastMemory} bytes, which is Docker's least, found ${memory}.`,
        );
    }
    return problems;
}

function logs(host: Loose, place: string): string[] {
    const { Type: type, Config: config } = record(host.LogConfig);
    const problems =
        type === undefined || logDrivers.includes(String(type))
            ? []
            : [`Expected ${place}.LogConfig.Type to be one of ${logDrivers.join(", ")}, found "${type}".`];
    for (const [key, value] of Object.entries(record(config))) {
        if (typeof value !== "string") {
            problems.push(`Expected ${place}.LogConfig.Config.${key} to be a text, found ${kind(value)}.`);
        }
    }
    return problems;
}

function binds(host: Loose, place: string): string[] {
    const found = host.Binds ?? [];
    if (!Array.isArray(found))
        return [`Expected ${place}.Binds to be a list of texts, found ${kind(found)}.`];
    return found
        .filter((bind) => !/^[^:]+:\/[^:]*(:[A-Za-z,]+)?$/.test(String(bind)))
        .map(
            (bind) => `Expected ${place}.Binds to have entries such as /folder:/target:ro, found "${bind}".`,
        );
}

function bindings(bound: Loose): { port: string; binding: unknown }[] {
    return Object.entries(bound).flatMap(([port, list]) =>
        (Array.isArray(list) ? list : [list]).map((binding) => ({ port, binding })),
    );
}

function withProtocol(port: string): string {
    return port.includes("/") ? port : `${port}/tcp`;
}

function record(value: unknown): Loose {
    return typeof value === "object" && value !== null ? (value as Loose) : {};
}

function kind(value: unknown): string {
    if (value === undefined || value === null) return "none";
    if (Array.isArray(value)) return "a list";
    // The text itself is not shown: one in Env, for example, may hold a secret.
    if (typeof value === "string") return "a text";
    return typeof value === "object" ? "an object" : `the ${typeof value} ${value}`;
}

/** Docker refuses a container with less memory, in bytes. */
const leastMemory = 6 * 1024 * 1024;
const logDrivers = "json-file local journald syslog none fluentd gelf awslogs splunk gcplogs etwlogs".split(
    " ",
);
/** Members of the body of Docker's `POST /containers/create`. */
const containerKeys = (
    "Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env Cmd " +
    "Healthcheck ArgsEscaped Image Volumes WorkingDir Entrypoint NetworkDisabled MacAddress OnBuild Labels StopSignal " +
    "StopTimeout Shell HostConfig NetworkingConfig"
).split(" ");
/** Members of the `HostConfig` in that body. */
const hostKeys = (
    "CpuShares Memory CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps " +
    "BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus " +
    "CpusetMems Devices DeviceCgroupRules DeviceRequests KernelMemoryTCP MemoryReservation MemorySwap " +
    "MemorySwappiness NanoCpus OomKillDisable Init PidsLimit Ulimits Binds ContainerIDFile LogConfig NetworkMode " +
    "PortBindings RestartPolicy AutoRemove VolumeDriver VolumesFrom Mounts ConsoleSize Annotations CapAdd CapDrop " +
    "CgroupnsMode Dns DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links OomScoreAdj PidMode Privileged " +
    "PublishAllPorts ReadonlyRootfs SecurityOpt StorageOpt Tmpfs UTSMode UsernsMode ShmSize Sysctls Runtime Isolation " +
    "MaskedPaths ReadonlyPaths"
).split(" ");
