import { spawnSync } from "node:child_process";
import {
    cpSync,
    existsSync,
    linkSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { transformFileSync } from "@swc/core";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { finish, startProgram, startService, stopServices } from "./support/serviceProcess";

const CLASSIFIER = join(__dirname, "..", "..", "classifier");
const MAX_MEGABYTES = 80;

const { isRun } = require(join(CLASSIFIER, "prune.js")) as {
    isRun(file: string, machine: { platform: string; arch: string }): boolean;
};

describe("of the installed packages", () => {
    const device = { platform: "linux", arch: "arm64" };
    test.each([
        ["express/lib/express.js", true],
        ["zod/v4/core/core.cjs", true],
        ["onnxruntime-node/bin/napi-v6/linux/arm64/onnxruntime_binding.node", true],
        ["@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.8.18.7", true],
        ["@img/sharp-libvips-linux-arm64/THIRD-PARTY-NOTICES.md", true],
        ["yaml/LICENSE", true],
        ["@koromix/koffi-linux-arm64/linux_arm64/koffi.node", true],
        ["koffi/src/koffi/index.cjs", true],
        ["@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-arm64/libturbojpeg.so.0", true],
        ["@julusian/jpeg-turbo/package.json", true],
        ["@julusian/jpeg-turbo/LICENSE", true],
        ["protobufjs/src/reader.js", true],
        ["onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1", false],
        ["onnxruntime-node/bin/napi-v6/darwin/arm64/onnxruntime_binding.node", false],
        ["@koromix/koffi-linux-arm64/musl_arm64/koffi.node", false],
        ["@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-arm64/node-napi-v7.node", false],
        ["@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-x64/libturbojpeg.so.0", false],
        ["@img/sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node", false],
        ["@img/sharp-libvips-linuxmusl-arm64/lib/libvips-cpp.so.8.18.7", false],
        ["@julusian/jpeg-turbo/index.js", false],
        ["cmake-js/index.js", false],
        ["zod/v4/core/core.js", false],
        ["zod/src/index.ts", false],
        ["express/index.d.ts", false],
        ["protobufjs/dist/protobuf.js", false],
        ["semver/README.md", false],
        ["long/umd/index.js.map", false],
    ])("%s stays on a device: %s", (file, stays) => {
        expect(isRun(file, device)).toBe(stays);
        expect(isRun(`node_modules/${file}`, device)).toBe(stays);
    });

    test("those that stay run the service, and are small enough for a device", async () => {
        const app = await folderOf({});
        const installed = productionFiles().filter((file) => isRun(file, process));
        for (const file of installed) {
            mkdirSync(join(app, dirname(file)), { recursive: true });
            placeFile(join(CLASSIFIER, file), join(app, file));
        }
        compileInto(join(app, "dist"));
        for (const part of ["model", "ui", "package.json"]) {
            cpSync(join(CLASSIFIER, part), join(app, part), { recursive: true });
        }
        const bytes = filesBelow(app).reduce((sum, file) => sum + statSync(file).size, 0);
        if (process.platform === "linux" && process.arch === "x64") {
            expect(bytes / 1e6).toBeLessThan(MAX_MEGABYTES);
        }

        const service = await startService({ MODEL_DIR: await colourModelFolder() }, join(app, "dist"));
        if (process.platform === "linux") {
            const open = 'process.exit(require("./image/libjpeg").openLibjpeg() ? 0 : 1)';
            expect(spawnSync(process.execPath, ["-e", open], { cwd: join(app, "dist") }).status).toBe(0);
        }
        const image = await pngOf([255, 0, 0]);
        const answer = await fetch(`${service.url}/image`, { method: "POST", body: image });
        expect(await answer.json()).toMatchObject({
            predictions: [{ tagName: "red", probability: 0.98670328 }, {}, {}],
        });
        for (const path of ["/info", "/metrics", "/ready", "/ui"]) {
            expect((await fetch(service.url + path)).status).toBe(200);
        }
        const health = { HOST: "127.0.0.1", PORT: String(service.port) };
        expect((await finish(startProgram("healthCheck", health, join(app, "dist")))).code).toBe(0);
        service.process.kill("SIGTERM");
        expect((await finish(service.process)).code).toBe(0);
    });
    afterAll(stopServices);
});

describe("an installation for a device", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "prune-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const binariesFor = (arch: string) => [
        `@img/sharp-linux-${arch}/lib/sharp-linux-${arch}-0.35.5.node`,
        `@img/sharp-libvips-linux-${arch}/lib/libvips-cpp.so.8.18.7`,
        `onnxruntime-node/bin/napi-v6/linux/${arch}/onnxruntime_binding.node`,
        `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`,
        `@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-${arch}/libturbojpeg.so.0`,
    ];
    const others = [
        "onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll",
        "onnxruntime-node/bin/napi-v6/darwin/arm64/onnxruntime_binding.node",
        "@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-x64-musl/libturbojpeg.so.0",
    ];

    function install(files: string[]): void {
        for (const file of files) {
            mkdirSync(join(folder, "node_modules", dirname(file)), { recursive: true });
            writeFileSync(join(folder, "node_modules", file), "binary");
        }
    }
    const prune = (...machine: string[]) =>
        spawnSync(process.execPath, [join(CLASSIFIER, "prune.js"), ...machine], {
            cwd: folder,
            encoding: "utf8",
        });
    const left = () =>
        filesBelow(join(folder, "node_modules"))
            .map((file) => relative(join(folder, "node_modules"), file))
            .sort();

    test.each(["x64", "arm64"])("keeps the binaries of %s and no other", (arch) => {
        install([...binariesFor("x64"), ...binariesFor("arm64"), ...others, "express/lib/express.js"]);
        expect(prune("linux", arch).status).toBe(0);
        expect(left()).toEqual([...binariesFor(arch), "express/lib/express.js"].sort());
    });

    test("is for this machine where no other is named", () => {
        install(binariesFor(process.arch));
        expect(prune().status).toBe(process.platform === "linux" ? 0 : 1);
    });

    test.each([0, 1, 2, 3, 4])("that npm left without binary %s of its platform is refused", (index) => {
        install([...binariesFor("x64"), ...binariesFor("arm64").toSpliced(index, 1)]);
        const { status, stderr } = prune("linux", "arm64");
        expect(status).toBe(1);
        const [name] = ["sharp", "libvips", "onnxruntime", "koffi", "jpeg-turbo"].slice(index);
        expect(stderr).toContain(`Expected binaries for linux on arm64, found none of ${name}.`);
    });
});

/** The files of the packages that an installation without those for development has. */
function productionFiles(): string[] {
    const lock = JSON.parse(readFileSync(join(CLASSIFIER, "package-lock.json"), "utf8")) as {
        packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    return Object.entries(lock.packages)
        .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
        .filter(([path]) => existsSync(join(CLASSIFIER, path)))
        .flatMap(([path]) => filesBelow(join(CLASSIFIER, path), "node_modules"))
        .map((file) => relative(CLASSIFIER, file));
}

function filesBelow(folder: string, except?: string): string[] {
    return readdirSync(folder, { withFileTypes: true })
        .filter(({ name }) => name !== except)
        .flatMap((entry) => {
            const path = join(folder, entry.name);
            return entry.isDirectory() ? filesBelow(path, except) : [path];
        });
}

/** Makes a second name of the same file where both folders share a disk; a symbolic link would lead packages astray. */
function placeFile(from: string, to: string): void {
    try {
        linkSync(from, to);
    } catch {
        cpSync(from, to);
    }
}

function compileInto(folder: string): void {
    const sources = join(CLASSIFIER, "src");
    for (const file of filesBelow(sources).filter((path) => /(?<!\.d)\.ts$/.test(path))) {
        const { code } = transformFileSync(file, {
            swcrc: false,
            jsc: { target: "es2022", parser: { syntax: "typescript" } },
            module: { type: "commonjs" },
        });
        const target = join(folder, relative(sources, file)).replace(/\.ts$/, ".js");
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, code);
    }
}
