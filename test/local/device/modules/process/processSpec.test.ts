import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateOptions } from "../../../../../local/device/modules/createOptions";
import { processSpec } from "../../../../../local/device/modules/process/processSpec";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spec-"));
    mkdirSync(join(folder, "rootfs/bin"), { recursive: true });
    writeFileSync(join(folder, "rootfs/bin/tool"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const spec = (options: CreateOptions, config: object = {}, env: Record<string, string> = {}) =>
    processSpec(
        { env },
        options,
        { digest: "d", imageHash: "h", rootfs: join(folder, "rootfs"), config: { Cmd: ["run"], ...config } },
        { deviceId: "d", moduleId: "m", hubHostName: "hub", generationId: "7" },
        {
            home: join(folder, "home"),
            logFile: join(folder, "log"),
            environment: { PATH: "/bin", LANG: "C", TZ: "UTC", SECRET: "hidden" },
            reach: { gatewayHostName: "gateway:1", workloadUri: "unix:///socket" },
        },
    );

test.each<[string, CreateOptions, object, string[]]>([
    ["the image's command", {}, { Cmd: ["a", "b"] }, ["a", "b"]],
    ["its entry point before that", {}, { Entrypoint: ["e"], Cmd: ["a"] }, ["e", "a"]],
    ["the options' command in its place", { Cmd: ["c"] }, { Entrypoint: ["e"], Cmd: ["a"] }, ["e", "c"]],
    [
        "the options' entry point without the image's command",
        { Entrypoint: ["o"] },
        { Entrypoint: ["e"] },
        ["o"],
    ],
    ["both of the options", { Entrypoint: ["o"], Cmd: ["c"] }, { Entrypoint: ["e"] }, ["o", "c"]],
    [
        "the image's entry point where the options' is empty",
        { Entrypoint: [] },
        { Entrypoint: ["e"] },
        ["e", "run"],
    ],
    ["this machine's Node for node alone", {}, { Cmd: ["node", "node"] }, [process.execPath, "node"]],
])("a module runs by %s", async (_name, options, config, expected) => {
    const { command, args } = await spec(options, config);
    expect([command, ...args]).toEqual(expected);
});

test("an absolute path means the image's file where it has one", async () => {
    const { command, args } = await spec({}, { Cmd: ["/bin/tool", "/bin/other", "bin/tool"] });
    expect([command, ...args]).toEqual([join(folder, "rootfs/bin/tool"), "/bin/other", "bin/tool"]);
});

test("an image without a command is refused", async () => {
    await expect(spec({}, { Cmd: null })).rejects.toThrow("The image names no command");
});

test("it starts in the folder of the options, else of the image, else at its root", async () => {
    const cwd = async (options: CreateOptions, config: object) => (await spec(options, config)).cwd;
    const rootfs = join(folder, "rootfs");
    expect(await cwd({ WorkingDir: "/a" }, { WorkingDir: "/b" })).toBe(join(rootfs, "a"));
    expect(await cwd({ WorkingDir: "" }, { WorkingDir: "/b" })).toBe(join(rootfs, "b"));
    expect(await cwd({}, {})).toBe(join(rootfs, "/"));
});

test("the manifest's variables go before the options', theirs before the image's, the runtime's before all", async () => {
    const image = [
        "PATH=/image",
        "HOME=/image",
        "A=image",
        "B=image",
        "C=image",
        "IOTEDGE_DEVICEID=image",
        "E=x=y",
    ];
    const options = { Env: ["A=options", "B=options", "HOST=options", "D"] };
    const manifest = { A: "manifest", IOTEDGE_MODULEID: "manifest", PORT: "1" };
    const { env } = await spec(options, { Env: image }, manifest);
    expect(env).toMatchObject({
        ...{ PATH: "/bin", LANG: "C", TZ: "UTC", HOME: join(folder, "home") },
        ...{ A: "manifest", B: "options", C: "image", D: "", E: "x=y" },
        ...{ IOTEDGE_DEVICEID: "d", IOTEDGE_MODULEID: "m", IOTEDGE_MODULEGENERATIONID: "7" },
        ...{ IOTEDGE_GATEWAYHOSTNAME: "gateway:1", IOTEDGE_WORKLOADURI: "unix:///socket" },
        ...{
            IOTEDGE_IOTHUBHOSTNAME: "hub",
            IOTEDGE_APIVERSION: "2018-06-28",
            IOTEDGE_AUTHSCHEME: "sasToken",
        },
        // No port is bound, so it must take any that is free.
        ...{ HOST: "127.0.0.1", PORT: "0" },
    });
    expect(env).not.toHaveProperty("SECRET");
    expect(statSync(join(folder, "home")).mode & 0o777).toBe(0o700);
});
