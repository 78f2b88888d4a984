import { containerConfig } from "../../../../../local/device/modules/container/containerConfig";
import { readCreateOptions } from "../../../../../local/device/modules/createOptions";
import { refusalOf } from "../../../../../local/device/modules/refusalOf";

const desired = {
    name: "m",
    image: "r.io/c@sha256:1",
    createOptions: "{}",
    env: { A: "module" },
    status: "running",
    restartPolicy: "always",
    imagePullPolicy: "on-create",
    startupOrder: 1,
} as const;
const identity = { deviceId: "d", moduleId: "m", hubHostName: "localhost:8443", generationId: "7" };
const surroundings = {
    labels: { owner: "device" },
    network: "net",
    workload: "/srv/workload/m",
    gateway: { extraHost: "edge-gateway:172.17.0.1", hostName: "edge-gateway:8443" },
};

const config = (options: object) =>
    containerConfig(
        desired,
        readCreateOptions({ createOptions: JSON.stringify(options) }).options,
        identity,
        surroundings,
    );

test("the options pass through, the image is the manifest's, and the environment is merged", () => {
    const made = config({
        Image: "other",
        User: "1000",
        Env: ["A=options", "B=options"],
        Healthcheck: { Test: ["NONE"] },
    });
    expect(made).toMatchObject({ Image: "r.io/c@sha256:1", User: "1000", Healthcheck: { Test: ["NONE"] } });
    expect(made.Env).toEqual(expect.arrayContaining(["A=module", "B=options", "IOTEDGE_MODULEID=m"]));
});

test("the device's network is added only when the options name none", () => {
    expect(config({})).toMatchObject({
        HostConfig: { NetworkMode: "net" },
        NetworkingConfig: { EndpointsConfig: { net: { Aliases: ["m"] } } },
    });
    expect(config({ HostConfig: { NetworkMode: "bridge" } }).HostConfig.NetworkMode).toBe("bridge");
    expect(config({ NetworkingConfig: { EndpointsConfig: { own: {} } } }).NetworkingConfig).toEqual({
        EndpointsConfig: { own: {} },
    });
});

test("rights are taken away, and a port is exposed and published on the loopback address", () => {
    const { HostConfig, ExposedPorts } = config({
        HostConfig: {
            CapAdd: ["ALL"],
            CapDrop: ["NET_RAW", "CHOWN"],
            PortBindings: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }] },
        },
    });
    expect(HostConfig).toMatchObject({ CapAdd: [], CapDrop: ["NET_RAW", "CHOWN", "SETUID"] });
    expect(HostConfig.PortBindings).toEqual({ "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] });
    expect(ExposedPorts).toEqual({ "80/tcp": {} });
});

test.each([
    [{ HostConfig: { privileged: true } }, /privileged is to be written Privileged/],
    [{ hostconfig: { Privileged: true } }, /hostconfig is to be written HostConfig/],
    [{ HostConfig: { Binds: ["/etc:/etc"] } }, /Binds shares/],
    [{ HostConfig: { Binds: ["/srv/device/../secrets:/x"] } }, /Binds shares/],
    [{ HostConfig: { Binds: ["/srv/device-2:/x"] } }, /Binds shares/],
    [{ HostConfig: { PublishAllPorts: true } }, /PublishAllPorts opens/],
    [{ HostConfig: { SecurityOpt: ["seccomp=unconfined"] } }, /SecurityOpt takes/],
    [{ HostConfig: { DeviceRequests: [{ Driver: "nvidia" }] } }, /DeviceRequests shares/],
])("options that reach out of the container are refused: %j", (options, reason) => {
    const { options: read } = readCreateOptions({ createOptions: JSON.stringify(options) });
    expect(refusalOf(read, "/srv/device")).toMatch(reason);
});

test("a module may bind the device's own storage and the engine's volumes", () => {
    const Binds = ["/srv/device/photos:/photos:ro", "cache:/cache"];
    expect(refusalOf({ HostConfig: { Binds } }, "/srv/device")).toBeUndefined();
    expect(refusalOf({ HostConfig: { Binds } })).toMatch(/Binds shares/);
});
