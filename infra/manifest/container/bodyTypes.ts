/** A type of Docker's Engine API: a plain one, a list, a map whose keys the user chooses, or an object of named members. */
export type BodyType = "text" | "number" | "flag" | "any" | { list: BodyType } | { map: BodyType } | Members;
export interface Members {
    readonly members: Readonly<Record<string, BodyType>>;
}

const texts = { list: "text" } as const;
const textMap = { map: "text" } as const;
const empty = { members: {} } as const;
const each = (type: BodyType, names: string) =>
    Object.fromEntries(names.split(" ").map((name) => [name, type]));
const members = (types: Readonly<Record<string, BodyType>>): Members => ({ members: types });
const rates = { list: members({ Path: "text", Rate: "number" }) };

const mount = members({
    ...each("text", "Target Source Type Consistency"),
    ReadOnly: "flag",
    BindOptions: members({
        Propagation: "text",
        ...each("flag", "NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive"),
    }),
    VolumeOptions: members({
        NoCopy: "flag",
        Labels: textMap,
        DriverConfig: members({ Name: "text", Options: textMap }),
        Subpath: "text",
    }),
    TmpfsOptions: members({ SizeBytes: "number", Mode: "number", Options: "any" }),
    ImageOptions: members({ Subpath: "text" }),
});

/** `HostConfig` with `Resources`. */
export const hostConfig = members({
    ...each(
        "number",
        "CpuShares Memory BlkioWeight CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime KernelMemory " +
            "KernelMemoryTCP MemoryReservation MemorySwap MemorySwappiness NanoCpus PidsLimit OomScoreAdj ShmSize " +
            "CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth DiskQuota",
    ),
    ...each(
        "text",
        "CgroupParent CpusetCpus CpusetMems ContainerIDFile NetworkMode VolumeDriver CgroupnsMode Cgroup IpcMode " +
            "PidMode UTSMode UsernsMode Runtime Isolation InitPath",
    ),
    ...each("flag", "OomKillDisable Init AutoRemove Privileged PublishAllPorts ReadonlyRootfs"),
    ...each(
        texts,
        "DeviceCgroupRules Binds VolumesFrom CapAdd CapDrop Capabilities Dns DnsOptions DnsSearch ExtraHosts GroupAdd " +
            "Links SecurityOpt MaskedPaths ReadonlyPaths",
    ),
    ...each(textMap, "StorageOpt Tmpfs Sysctls Annotations"),
    ...each(rates, "BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps"),
    BlkioWeightDevice: { list: members({ Path: "text", Weight: "number" }) },
    Devices: { list: members(each("text", "PathOnHost PathInContainer CgroupPermissions")) },
    DeviceRequests: {
        list: members({
            Driver: "text",
            Count: "number",
            DeviceIDs: texts,
            Capabilities: { list: texts },
            Options: textMap,
        }),
    },
    Ulimits: { list: members({ Name: "text", Soft: "number", Hard: "number" }) },
    LogConfig: members({ Type: "text", Config: textMap }),
    PortBindings: { map: { list: members({ HostIp: "text", HostPort: "text" }) } },
    RestartPolicy: members({ Name: "text", MaximumRetryCount: "number" }),
    Mounts: { list: mount },
    ConsoleSize: { list: "number" },
});

const endpoint = members({
    IPAMConfig: members({ IPv4Address: "text", IPv6Address: "text", LinkLocalIPs: texts }),
    ...each(texts, "Links Aliases DNSNames"),
    ...each("text", "NetworkID EndpointID Gateway IPAddress IPv6Gateway GlobalIPv6Address MacAddress"),
    ...each("number", "IPPrefixLen GlobalIPv6PrefixLen GwPriority"),
    DriverOpts: textMap,
});

/**
 * The body of `POST /containers/create`: its members and their types, from Docker's published description of the Engine
 * API (moby/moby, docs/api/v1.41.yaml, which IoT Edge 1.6 speaks: ContainerConfig, HostConfig, Resources,
 * NetworkingConfig), with members of later versions that an engine takes as well, and edgeAgent's own `Name`,
 * `DiskQuota` and `InitPath` (Azure/iotedge, Agent.Docker/models).
 */
export const containerBody = members({
    ...each("text", "Hostname Domainname User Image WorkingDir MacAddress StopSignal Name"),
    ...each(
        "flag",
        "AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled",
    ),
    ...each(texts, "Env Cmd Entrypoint OnBuild Shell"),
    ExposedPorts: { map: empty },
    Volumes: { map: empty },
    Labels: textMap,
    StopTimeout: "number",
    Healthcheck: members({
        Test: texts,
        ...each("number", "Interval Timeout Retries StartPeriod StartInterval"),
    }),
    HostConfig: hostConfig,
    NetworkingConfig: members({ EndpointsConfig: { map: endpoint } }),
});
