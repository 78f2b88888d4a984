import type { Base } from "./bases";
import { agentOf, edited, options, type PublicCase } from "./publicCase";

const gpu = (request: object) => ({ HostConfig: { DeviceRequests: [request] } });
const host = (members: object) => ({ HostConfig: members });
const bound = (key: string, binding: unknown) => host({ PortBindings: { [key]: binding } });
const two = (one: object, other: object, protocol = "tcp") =>
    host({ PortBindings: { [`80/${protocol}`]: [one], "81/tcp": [other] } });
const valid = (rule: PublicCase["rule"], base: Base, all: object[]) =>
    all.map((one) => options(rule, base, one));

/** What Docker makes of createOptions. */
export const containerCases: readonly PublicCase[] = [
    ...valid("names of any case", "sql", [
        { hostConfig: { binds: ["/a:/b"], portBindings: { "1433/tcp": [{ hostPort: "1433" }] } } },
        { HOSTCONFIG: { PRIVILEGED: false }, env: ["A=1"] },
        { hostconfig: { devicerequests: [{ capabilities: [["gpu"]], count: -1 }] } },
        { exposedports: { "80/tcp": {} }, labels: { a: "b" }, cmd: ["x"] },
    ]),
    options(
        "names of any case",
        "sql",
        { hostConfig: { binds: "/a:/b" } },
        "HostConfig.Binds to be a list of texts",
    ),
    options("names of any case", "sql", { hostConfig: {}, HostConfig: {} }, "to have HostConfig once"),
    ...valid("types", "deepstream", [
        gpu({ Count: -1, Capabilities: [["gpu"]] }),
        gpu({ Driver: "nvidia", DeviceIDs: ["0"], Capabilities: [["gpu", "compute"]], Options: {} }),
        host({ Runtime: "nvidia", ShmSize: 67108864, Ulimits: [{ Name: "memlock", Soft: -1, Hard: -1 }] }),
        host({ Tmpfs: { "/run": "rw,size=64m" }, Sysctls: { "net.core.somaxconn": "1024" } }),
        host({ Mounts: [{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: true }] }),
        host({ LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } } }),
        host({ DeviceCgroupRules: ["c 81:* rmw"], GroupAdd: ["video"], Init: true, PidsLimit: null }),
        { Volumes: { "/data": {} }, ExposedPorts: { "8000-8010/udp": {} }, Tty: true, StopTimeout: 30 },
        { Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 30000000000, Retries: 3 } },
        { NetworkingConfig: { EndpointsConfig: { "azure-iot-edge": { Aliases: ["a"] } } }, HostConfig: null },
    ]),
    ...(
        [
            [gpu({ Capabilities: ["gpu"], Count: -1 }), "Capabilities[0] to be a list of texts"],
            [gpu({ Capabilities: "gpu" }), "Capabilities to be a list of lists of texts"],
            [gpu({ Count: "all", Driver: "nvidia" }), 'Count to be a whole number, found "all"'],
            [gpu({ DeviceIDs: [0], Driver: "nvidia" }), "DeviceIDs[0] to be a text"],
            [gpu({ Count: 1, DeviceIDs: ["0"], Driver: "nvidia" }), "to have Count or DeviceIDs"],
            [host({ DeviceRequests: "gpu" }), "DeviceRequests to be a list of objects"],
            [host({ Devices: ["/dev/video0"] }), "Devices[0] to be an object, found a text"],
            [host({ Devices: { PathOnHost: "/dev/video0" } }), "Devices to be a list of objects"],
            [host({ Devices: [{ PathInContainer: "/dev/video0" }] }), "PathOnHost to be a device"],
            [host({ Binds: { "/a": "/b" } }), "Binds to be a list of texts"],
            [host({ Binds: [{ Source: "/a" }] }), "Binds[0] to be a text"],
            [host({ Privileged: "true" }), "Privileged to be true or false"],
            [host({ Memory: "512m" }), 'Memory to be a whole number of bytes, found "512m"'],
            [host({ NanoCpus: 1.5 }), "NanoCpus to be a whole number"],
            [host({ CapAdd: "NET_ADMIN" }), "CapAdd to be a list of texts"],
            [host({ ExtraHosts: { a: "10.0.0.1" } }), "ExtraHosts to be a list of texts"],
            [host({ Mounts: [{ Type: "bind", Target: "/b" }] }), "Source to be a path of the device"],
            [host({ Mounts: [{ Type: "volume", Source: "a" }] }), "Target to be a path"],
            [host({ Ulimits: [{ Name: "nofile", Soft: "1024", Hard: 1024 }] }), "Soft to be a whole number"],
            [host({ LogConfig: { Type: "json-file", Config: { "max-file": 3 } } }), "max-file to be a text"],
            [host({ RestartPolicy: "always" }), "RestartPolicy to be an object"],
            [host({ NetworkMode: true }), "NetworkMode to be a text"],
            [host({ Sysctls: ["a=1"] }), "Sysctls to be an object"],
            [host({ Tmpfs: ["/run"] }), "Tmpfs to be an object"],
            [{ Env: { A: "1" } }, "Env to be a list of texts"],
            [{ Env: [{ A: "1" }] }, "Env[0] to be a text"],
            [{ Cmd: "python main.py" }, "Cmd to be a list of texts"],
            [{ Entrypoint: "run.sh" }, "Entrypoint to be a list of texts"],
            [{ Labels: ["a=b"] }, "Labels to be an object"],
            [{ Labels: { a: 1 } }, "Labels.a to be a text"],
            [{ ExposedPorts: ["80/tcp"] }, "ExposedPorts to be an object"],
            [{ ExposedPorts: { "80/tcp": [] } }, "ExposedPorts.80/tcp to be an object"],
            [{ Volumes: ["/data"] }, "Volumes to be an object"],
            [{ Volumes: { "/data": "/host" } }, "Volumes./data to be an object"],
            [{ User: 0 }, "User to be a text"],
            [{ Healthcheck: { Interval: "30s" } }, 'Interval to be a whole number, found "30s"'],
            [{ HostConfig: [] }, "HostConfig to be an object"],
        ] as const
    ).map(([one, refused]) => options("types", "vision", one, refused)),
    ...(
        [
            [{ createOptions: host({ NetworkMode: "host" }) }, "createOptions inside createOptions"],
            [{ HostConfg: {} }, "Write HostConfig."],
            [{ ExposedPort: {} }, "Write ExposedPorts."],
            [{ Enviroment: ["A=1"] }, "Write Env."],
            [host({ PortBinding: {} }), "Write PortBindings."],
            [host({ Bind: ["/a:/b"] }), "Write Binds."],
            [host({ Previleged: true }), "Write Privileged."],
            [host({ Devices: [{ PathInHost: "/dev/a", PathOnHost: "/dev/a" }] }), "Write PathOnHost."],
            [{ PortBindings: {} }, "PortBindings to stand in HostConfig"],
            [{ NetworkMode: "host" }, "NetworkMode to stand in HostConfig"],
            [{ Privileged: true }, "Privileged to stand in HostConfig"],
            [{ binds: ["/a:/b"] }, "Binds to stand in HostConfig"],
            [host({ Env: ["A=1"] }), "Env to stand in createOptions itself"],
            [host({ NetworkingConfig: {} }), "NetworkingConfig to stand in createOptions itself"],
            [{ foo: 1 }, "Leave it out."],
            [{ NetworkingConfig: { host: {} } }, 'found "host"'],
        ] as const
    ).map(([one, refused]) => options("unknown names", "opc", one, refused)),
    ...valid("values", "sql", [
        host({ RestartPolicy: { Name: "unless-stopped" }, LogConfig: { Type: "local" } }),
        host({ Memory: 536870912, MemorySwap: -1, MemorySwappiness: 0, OomScoreAdj: -500 }),
        host({ NetworkMode: "container:other", CgroupnsMode: "private" }),
        host({ IpcMode: "shareable", PidMode: "container:a", ExtraHosts: ["a:host-gateway", "b:::1"] }),
        host({ LogConfig: { Type: "fluentd", Config: { "max-size": "any" } } }),
        host({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } }),
    ]),
    ...(
        [
            [host({ RestartPolicy: { Name: "on-unhealthy" } }), "RestartPolicy.Name to be one of"],
            [host({ LogConfig: { Type: "json" } }), "LogConfig.Type to be one of"],
            [host({ Memory: 1024 }), "at least 6291456 bytes"],
            [host({ Memory: 536870912, MemorySwap: 1048576 }), "to be at least Memory"],
            [
                host({ Memory: 536870912, MemoryReservation: 536870913 }),
                "MemoryReservation to be at most Memory",
            ],
            [host({ MemorySwappiness: 200 }), "between -1 and 100"],
            [host({ OomScoreAdj: 2000 }), "between -1000 and 1000"],
            [host({ NanoCpus: 1, CpuQuota: 1 }), "NanoCpus or CpuPeriod"],
            [host({ Mounts: [{ Type: "folder", Target: "/a" }] }), "Mounts[0].Type to be one of"],
            [host({ Ulimits: [{ Name: "files", Soft: 1, Hard: 1 }] }), "Ulimits[0].Name to be one of"],
            [host({ Binds: ["/a"] }), "Binds to have entries such as"],
            [host({ CgroupnsMode: "shared" }), "CgroupnsMode to be one of"],
            [{ Env: ["=x"] }, "Env[0] to be such as NAME=value"],
            [{ WorkingDir: "app" }, "WorkingDir to be a path"],
            [{ Healthcheck: { Test: ["CMD", "true"], Interval: 30 } }, "in nanoseconds, found 30"],
            [host({ ExtraHosts: ["plc"] }), "ExtraHosts[0] to be such as"],
            [gpu({ Count: -1 }), 'to have Capabilities such as [["gpu"]]'],
            [host({ RestartPolicy: { Name: "always", MaximumRetryCount: 3 } }), "only for on-failure"],
            [host({ IpcMode: "shared" }), "IpcMode to be one of"],
            [host({ LogConfig: { Type: "local", Config: { "max-size": "ten" } } }), 'such as "10m"'],
        ] as const
    ).map(([one, refused]) => options("values", "sql", one, refused)),
    ...valid("ports", "blob", [
        bound("11002/tcp", [{ HostPort: "11002" }]),
        bound("11002", [{ HostPort: "" }]),
        bound("11002/udp", [{ HostIp: "127.0.0.1", HostPort: "8000-8010" }]),
        bound("11002/tcp", [{}]),
        bound("11002/tcp", null),
        bound("11002/tcp", [
            { HostIp: "127.0.0.1", HostPort: "80" },
            { HostIp: "10.0.0.4", HostPort: "80" },
        ]),
        two({ HostPort: "80" }, { HostPort: "80" }, "udp"),
        two({ HostIp: "127.0.0.1", HostPort: "80" }, { HostIp: "10.0.0.4", HostPort: "80" }),
        two({ HostIp: "::1", HostPort: "80" }, { HostIp: "127.0.0.1", HostPort: "80" }),
    ]),
    ...(
        [
            [bound("80/tcp", { HostPort: "80" }), "to be a list of objects, found an object"],
            // As somebody took it from a page of the documentation (azure-docs issue 72788).
            [bound("HostConfig", []), 'keys such as 80/tcp, found "HostConfig"'],
            [bound("80/tcp", "80"), "to be a list of objects, found a text"],
            [bound("80/tcp", ["80"]), "to be an object, found a text"],
            [bound("80/tcp", [{ HostPort: 80 }]), "to be a number in a text"],
            [bound("80/tcp", [{ HostPort: "70000" }]), "from 1 to 65535"],
            [bound("80/tcp", [{ HostPort: "http" }]), "from 1 to 65535"],
            [bound("70000/tcp", [{ HostPort: "80" }]), "keys such as 80/tcp"],
            [bound("80/http", [{ HostPort: "80" }]), "keys such as 80/tcp"],
            [bound("http", [{ HostPort: "80" }]), "keys such as 80/tcp"],
            [bound("80/tcp", [{ HostIp: "localhost", HostPort: "80" }]), "HostIp of 80/tcp"],
            [bound("80/tcp", [{ HostIP: "127.0.0.1", Port: "80" }]), "Write HostPort."],
            [{ ExposedPorts: { "80:80": {} } }, "ExposedPorts to have keys such as 80/tcp"],
            [two({ HostPort: "80" }, { HostPort: "80" }), "port 80/tcp of the device to be bound once"],
            [two({ HostPort: "80" }, { HostIp: "127.0.0.1", HostPort: "80" }), "to be bound once"],
            [
                two({ HostIp: "0.0.0.0", HostPort: "80" }, { HostIp: "10.0.0.4", HostPort: "80" }),
                "to be bound once",
            ],
            [bound("1/tcp", [{ HostPort: "443" }]), "found it in edgeHub and azureblobstorage"],
        ] as const
    ).map(([one, refused]) => options("ports", "blob", one, refused)),
    edited("ports", "opc", "edgeHub's ports free", (content) => {
        agentOf(content).systemModules.edgeHub.settings.createOptions = "";
        agentOf(content).modules.OPCPlc.settings.createOptions = JSON.stringify(
            bound("50000/tcp", [{ HostPort: "443" }]),
        );
    }),
];
