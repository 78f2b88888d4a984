import {
    chmodSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOwnFile } from "../../local/base/ownerOnly";
import { readEndpoints, removeEndpoints, writeEndpoints } from "../../local/endpoints";
import { createStackFolder } from "../../local/engine/stackFolder";
import {
    changeRuntimeSettings,
    readRuntimeSettings,
    runtimeSettingsReader,
} from "../../local/runtimeSettings";
import { temporaryStack } from "../support/localAzure";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "endpoints-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;
const endpoints = {
    pid: 1,
    managementUrl: "https://localhost:1",
    managementToken: "secret",
    caFile: "ca.pem",
};

test("a file for its owner alone is closed to others, also where they could read it before", () => {
    const file = join(folder, "secret");
    writeOwnFile(file, "one");
    expect(modeOf(file)).toBe(0o600);
    chmodSync(file, 0o644);
    writeOwnFile(file, "two");
    expect([modeOf(file), readFileSync(file, "utf8"), readdirSync(folder)]).toEqual([
        0o600,
        "two",
        ["secret"],
    ]);
    // A process of the same number may have been killed while it wrote.
    writeFileSync(`${file}.${process.pid}`, "thr", { mode: 0o644 });
    writeOwnFile(file, "three");
    expect([modeOf(file), readdirSync(folder)]).toEqual([0o600, ["secret"]]);
});

test("the endpoints of a local Azure are its owner's alone, and gone when nothing listens", () => {
    writeEndpoints(folder, endpoints);
    expect(readEndpoints(folder)).toEqual(endpoints);
    const [file = ""] = readdirSync(folder);
    chmodSync(join(folder, file), 0o644);
    writeEndpoints(folder, { ...endpoints, pid: 2 });
    expect([modeOf(join(folder, file)), readEndpoints(folder).pid]).toEqual([0o600, 2]);
    removeEndpoints(folder);
    expect(() => readEndpoints(folder)).toThrow("Start it with: npm run edge -- local start");
});

test("the folders of a stack are its owner's alone, also those of an earlier run, and its passphrase stays", () => {
    const stack = temporaryStack();
    const folders = [stack.folder, stack.azure, stack.pulumiHome, stack.state];
    for (const each of folders) {
        mkdirSync(each, { recursive: true });
        chmodSync(each, 0o755);
    }
    createStackFolder(stack);
    const passphrase = readFileSync(stack.passphraseFile, "utf8");
    createStackFolder(stack);
    expect(folders.map(modeOf)).toEqual([0o700, 0o700, 0o700, 0o700]);
    expect([modeOf(stack.passphraseFile), readFileSync(stack.passphraseFile, "utf8")]).toEqual([
        0o600,
        passphrase,
    ]);
    expect(passphrase).toHaveLength(32);
    rmSync(stack.folder, { recursive: true });
});

test("settings of the runtime have defaults, keep what is not changed, and refuse what they do not know", () => {
    expect(readRuntimeSettings(folder)).toEqual({ runtime: "auto" });
    changeRuntimeSettings(folder, { runtime: "process", dockerHost: "unix:///a" });
    const changed = changeRuntimeSettings(folder, { runtime: undefined, baseImage: "node" });
    expect(changed).toEqual({ runtime: "process", dockerHost: "unix:///a", baseImage: "node" });
    expect(readRuntimeSettings(folder)).toEqual(changed);
    expect(() => changeRuntimeSettings(folder, { runtime: "vm" as never })).toThrow();
    expect(modeOf(join(folder, "runtime.json"))).toBe(0o600);
});

test("who asks for the settings at every call sees a change", () => {
    const now = runtimeSettingsReader(folder);
    expect(now().runtime).toBe("auto");
    changeRuntimeSettings(folder, { runtime: "container" });
    expect(now().runtime).toBe("container");
    expect(now()).toBe(now());
});
