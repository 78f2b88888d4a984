import type { DeviceStatus } from "../../local/device/deviceStatus";
import { moduleStatus } from "../../local/device/deviceStatus";
import { statusOf, statusRoute } from "../../local/status";

const names = { hub: ["localhost:1", "localhost:2"], registry: ["localhost:3"], dps: [] };
const planes = { hostNames: (name: keyof typeof names) => names[name] };
const none = { hostNames: () => [] };
const record = {
    desired: {
        name: "m",
        image: "r.io/c:v1",
        createOptions: '{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"8080"}]}}}',
    },
    runtimeStatus: "running",
    restartCount: 2,
    process: { pid: 7, start: "1" },
} as Parameters<typeof moduleStatus>[0];

test("the status shows the newest hub and registry, the devices and every process", () => {
    const device: DeviceStatus = {
        deviceId: "d",
        connected: true,
        provisioning: { source: "manual" },
        modules: [moduleStatus(record)],
    };
    const status = statusOf(planes, [device], { caFile: "ca.pem", faults: "hub=0.2" });
    expect(status).toEqual({
        hub: { hostName: "localhost:2", caFile: "ca.pem" },
        registry: { loginServer: "localhost:3" },
        devices: [device],
        faults: "hub=0.2",
        processes: [
            { name: "local Azure", pid: process.pid },
            { name: "d/m", pid: 7 },
        ],
    });
    expect(statusRoute(() => status).handle({} as never)).toEqual({ status: 200, json: status });
});

test("it says that there is none of what there is none of", () => {
    for (const faults of [undefined, "none"])
        expect(statusOf(none, [], { caFile: "ca.pem", faults })).toMatchObject({
            hub: null,
            registry: null,
            faults: null,
        });
});

test("a module is shown with its process or container, and with its address where a port is bound", () => {
    expect(moduleStatus(record)).toEqual({
        name: "m",
        image: "r.io/c:v1",
        status: "running",
        restarts: 2,
        runtime: "process",
        url: "http://localhost:8080",
        pid: 7,
    });
    const { process: _gone, ...rest } = record;
    const desired = { ...record.desired, createOptions: "{}" };
    const contained = moduleStatus({ ...rest, desired, runtime: "container", container: "0123456789abcdef" });
    expect(contained).toMatchObject({ runtime: "container", container: "0123456789ab" });
    expect(contained).not.toHaveProperty("url");
    expect(contained).not.toHaveProperty("pid");
});
