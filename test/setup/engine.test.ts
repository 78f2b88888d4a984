import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { cacheFolder } from "../../setup/engineCache";
import { identify } from "../../setup/processIdentity";
import { type Ended, ended, type ScratchProject, scratchProject, wrote } from "./scratchProject";

const { unfitVersion } = require("../../setup/engineVersion");

const version = "3.259.0";
const pulumi = (says: string) => `log("pulumi"); console.log("v${says}");`;
const inPulumiHome = `.pulumi/versions/${version}/bin/pulumi`;
const inCache = `.cache/edge-classifier/pulumi/${version}/bin/pulumi`;

/** A Go of this version; the real one takes three minutes. "Builds" an engine of `engineVersion`, or fails. */
const go = (goVersion: string, build: string) => `
if (process.argv[2] === "env") console.log("${goVersion}");
else {
    const { GOBIN, CGO_ENABLED, GOFLAGS } = process.env;
    log("go", ...process.argv.slice(2), JSON.stringify({ GOBIN, CGO_ENABLED, GOFLAGS, cwd: process.cwd() }));
    ${build}
}`;
const buildsEngine = `
    fs.mkdirSync(GOBIN, { recursive: true });
    fs.writeFileSync(GOBIN + "/pulumi", "#!/bin/sh\\necho v${version}\\n", { mode: 0o755 });`;

let project: ScratchProject;
beforeAll(async () => {
    project = scratchProject();
    project.tool("pulumi", pulumi(version));
    expect(await project.run([])).toMatchObject({ code: 0 });
});
beforeEach(() => {
    fs.rmSync(project.home, { recursive: true });
    fs.mkdirSync(project.home);
    for (const name of ["pulumi", "go"]) fs.rmSync(path.join(project.bin, name), { force: true });
    fs.rmSync(path.join(project.root, "calls"), { force: true });
});
afterAll(() => project.remove());

const atHome = (file: string) => path.join(project.home, file);
/** What the command was told of the engine. */
const engineOf = (ended: Ended) => JSON.parse(ended.stdout).env;

describe("which version will do", () => {
    test.each(["3.259.0", "3.259.1", "3.300.0", "3.260.0-alpha.1", "3.259.1-beta"])(
        "%s is taken",
        (found) => {
            expect(unfitVersion(found, false)).toBeUndefined();
        },
    );
    test.each([
        "3.258.9",
        "3.258.0",
        "3.99.0",
        "3.259.0-alpha.1",
        "2.400.0",
        "4.0.0",
        "dev",
        "v3.259.0",
        "3.259",
        "3.259.0.1",
    ])("%s is not", (found) => {
        expect(unfitVersion(found, false)).toMatch(found);
    });
    test("the tests take only the very version they were written with", () => {
        expect(unfitVersion("3.259.0", true)).toBeUndefined();
        expect(unfitVersion("3.259.1", true)).toBe("is 3.259.1, and the tests use exactly 3.259.0");
    });
});

describe("an engine that is there", () => {
    test("on PATH comes before all others, even a newer one", async () => {
        project.tool("pulumi", pulumi("3.261.2"));
        project.tool(atHome(inPulumiHome), pulumi(version));
        const ended = await project.run(["edge", "local", "preview"]);
        expect(engineOf(ended)).toMatchObject({
            EDGE_PULUMI: path.dirname(project.bin),
            EDGE_PULUMI_SOURCE: "found on PATH",
        });
    });

    test("on PATH is passed by for the tests when it is not exactly theirs, and the line says why", async () => {
        project.tool("pulumi", pulumi("3.261.2"));
        project.tool(atHome(inPulumiHome), pulumi(version));
        const ended = await project.run(["test"]);
        expect(engineOf(ended).EDGE_PULUMI).toBe(atHome(`.pulumi/versions/${version}`));
        expect(ended.stderr).toContain("bin/pulumi on PATH is 3.261.2, and the tests use exactly 3.259.0");
    });

    test("on PATH is passed by when it is too old, and the line says why", async () => {
        project.tool("pulumi", pulumi("3.100.0"));
        project.tool(atHome(inCache), pulumi(version));
        const ended = await project.run([]);
        expect(ended.stdout).toMatch(
            /Pulumi engine 3\.259\.0 +kept in ~\/\.cache\/edge-classifier; .*on PATH is 3\.100\.0, older than 3\.259\.0/,
        );
    });

    test("on PATH is the first of it that can be run", async () => {
        const [early, late] = ["early/bin", "late/bin"].map((folder) => path.join(project.root, folder)) as [
            string,
            string,
        ];
        fs.mkdirSync(path.join(early, "pulumi"), { recursive: true });
        project.tool(path.join(late, "pulumi"), pulumi("3.260.0"));
        project.tool("pulumi", pulumi("3.261.0"));
        const empty = path.join(project.root, "empty/bin");
        project.write(path.join(empty, "pulumi"), "");
        fs.chmodSync(path.join(empty, "pulumi"), 0o755);
        const asText = path.join(project.root, "text/bin");
        project.write(path.join(asText, "pulumi"), "a text");
        const PATH = ["relative/bin", early, empty, asText, late, project.bin].join(path.delimiter);
        const ended = await project.run(["edge", "local", "preview"], { PATH });
        expect(engineOf(ended).EDGE_PULUMI).toBe(path.dirname(late));
    });

    test("on PATH is passed by when it lies where nobody finds its folder", async () => {
        const elsewhere = path.join(project.root, "tools");
        project.tool(path.join(elsewhere, "pulumi"), pulumi(version));
        project.tool(atHome(inCache), pulumi(version));
        const { stdout } = await project.run([], { PATH: `${elsewhere}${path.delimiter}${project.bin}` });
        expect(stdout).toMatch(/kept in .*tools\/pulumi on PATH does not lie in a folder named bin/);
    });

    test("is not what an outer command was given, where none is needed", async () => {
        const outer = { EDGE_PULUMI: "/outer", EDGE_PULUMI_SOURCE: "outer" };
        const { EDGE_PULUMI, EDGE_PULUMI_SOURCE } = engineOf(
            await project.run(["edge", "local", "status"], outer),
        );
        expect([EDGE_PULUMI, EDGE_PULUMI_SOURCE]).toEqual([undefined, undefined]);
    });

    test("on PATH is passed by when it does not run", async () => {
        project.tool("pulumi", "process.exit(1)");
        project.tool(atHome(inCache), pulumi(version));
        expect((await project.run([])).stdout).toMatch(/on PATH does not run/);
    });

    test("in ~/.pulumi/versions comes before our own cache, and nothing is written there", async () => {
        project.tool(atHome(inPulumiHome), pulumi(version));
        project.tool(atHome(inCache), pulumi(version));
        const ended = await project.run(["edge", "local", "preview"]);
        expect(engineOf(ended)).toMatchObject({
            EDGE_PULUMI: atHome(`.pulumi/versions/${version}`),
            EDGE_PULUMI_SOURCE: "found in ~/.pulumi/versions",
        });
        expect(filesBelow(atHome(".pulumi"))).toEqual([`versions/${version}/bin/pulumi`]);
    });

    test("in our own cache is taken without running it or Go", async () => {
        project.tool(atHome(inCache), pulumi(version));
        project.tool("go", go("go1.26.8", buildsEngine));
        expect(engineOf(await project.run(["edge", "local", "preview"]))).toMatchObject({
            EDGE_PULUMI: atHome(`.cache/edge-classifier/pulumi/${version}`),
            EDGE_PULUMI_SOURCE: "kept in ~/.cache/edge-classifier",
        });
        expect(project.calls()).toEqual([]);
    });

    test("in our own cache is not taken when it is an empty file", async () => {
        fs.mkdirSync(path.dirname(atHome(inCache)), { recursive: true });
        fs.writeFileSync(atHome(inCache), "", { mode: 0o755 });
        project.tool("go", go("go1.26.8", buildsEngine));
        expect((await project.run([])).stdout).toContain("built from its Go module");
        expect(fs.statSync(atHome(inCache)).size).toBeGreaterThan(0);
    });
});

describe("an engine built with Go", () => {
    test("comes from the declared tool, is made aside and kept as a whole in our cache", async () => {
        project.tool("go", go("go1.26.8", buildsEngine));
        const ended = await project.run(["test"]);
        expect(ended.stderr).toMatch(/building from its Go module \(about 3 minutes, once\)/);
        expect(ended.stderr).toMatch(
            /✔ Pulumi engine 3\.259\.0 +built from its Go module, kept in .* s, once/,
        );
        expect(engineOf(ended).EDGE_PULUMI_SOURCE).toBe(
            "built from its Go module, kept in ~/.cache/edge-classifier",
        );

        const [call = ""] = project.calls();
        expect(call).toMatch(
            /^go install .*-tags osusergo,grpcnotrace .*version\.Version=v3\.259\.0 tool \{/,
        );
        const { GOBIN, ...rest } = JSON.parse(call.slice(call.indexOf("{")));
        expect(rest).toEqual({
            CGO_ENABLED: "0",
            GOFLAGS: "-mod=readonly",
            cwd: path.join(project.root, "local", "engine"),
        });
        expect(path.relative(atHome(".cache/edge-classifier"), GOBIN)).toMatch(/^pulumi\/\.partial-\d+\//);
        expect(filesBelow(project.home)).toEqual([inCache]);
    });

    test("that calls itself another version is not kept", async () => {
        project.tool("go", go("go1.26.8", buildsEngine.replace(`v${version}`, "v3.200.0")));
        const ended = await project.run([]);
        expect(ended.stderr).toContain("building from its Go module: the engine obtained is 3.200.0");
        expect(filesBelow(project.home)).toEqual([]);
    });

    test("is waited for while the set-up of another clone makes it, and then taken from the cache", async () => {
        project.tool("go", go("go1.26.8", buildsEngine));
        const lock = "home/.cache/edge-classifier/pulumi/.lock";
        project.write(lock, JSON.stringify(identify(process.pid)));
        const child = project.start(["edge", "local", "preview"]);
        const end = ended(child);
        await wrote(child, "downloading Pulumi's own archive");
        // The other clone has made it meanwhile.
        project.tool(atHome(inCache), pulumi(version));
        fs.rmSync(path.join(project.root, lock));
        expect(engineOf(await end).EDGE_PULUMI).toBe(atHome(`.cache/edge-classifier/pulumi/${version}`));
        expect(project.calls()).toEqual([]);
        expect(filesBelow(project.home)).toEqual([inCache]);
    });

    test("what an earlier, killed set-up left half-made is removed", async () => {
        project.write("home/.cache/edge-classifier/pulumi/.partial-99999999/engine/bin/pulumi", "half");
        project.tool("go", go("go1.26.8", buildsEngine));
        expect(await project.run([])).toMatchObject({ code: 0 });
        expect(filesBelow(project.home)).toEqual([inCache]);
    });
});

describe("an engine downloaded", () => {
    const archive = `pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`;
    const served = new Map<string, Buffer>();
    let server: Server;
    let mirror: string;

    beforeAll(async () => {
        const content = path.join(project.root, "archive");
        project.tool(path.join(content, "pulumi", "pulumi"), pulumi(version));
        project.tool(path.join(content, "pulumi", "pulumi-language-nodejs"), "");
        served.set(`/${archive}`, execFileSync("tar", ["-C", content, "-czf", "-", "pulumi"]));
        server = createServer((request, response) => {
            const body = served.get(request.url ?? "");
            response.writeHead(body ? 200 : 404).end(body);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    beforeEach(() =>
        publish(
            createHash("sha256")
                .update(served.get(`/${archive}`) ?? "")
                .digest("hex"),
        ),
    );
    afterAll(() => server.close());

    const publish = (sha256: string) =>
        served.set(
            `/pulumi-${version}-checksums.txt`,
            Buffer.from(`${"0".repeat(64)}  other.zip\n${sha256}  ${archive}\n`),
        );

    test("is checked against the published checksums and kept with its language hosts, before Go is asked", async () => {
        project.tool("go", go("go1.26.8", buildsEngine));
        const ended = await project.run(["edge", "local", "preview"], { EDGE_PULUMI_MIRROR: mirror });
        expect(engineOf(ended).EDGE_PULUMI_SOURCE).toBe(
            "downloaded from Pulumi, kept in ~/.cache/edge-classifier",
        );
        expect(filesBelow(project.home)).toEqual([inCache, `${inCache}-language-nodejs`]);
        expect(project.calls()).toEqual(["pulumi"]);
    });

    test("is thrown away when its checksum is not the published one, and Go is asked", async () => {
        publish("f".repeat(64));
        project.tool("go", go("go1.26.8", "console.error('no space left'); process.exit(1);"));
        const ended = await project.run([], { EDGE_PULUMI_MIRROR: mirror });
        expect(ended.code).toBe(1);
        expect(ended.stderr).toMatch(/has SHA-256 [0-9a-f]{64}, and f{64} is published for it; building/);
        expect(filesBelow(project.home)).toEqual([]);
    });

    test("is not tried without a published checksum", async () => {
        served.set(`/pulumi-${version}-checksums.txt`, Buffer.from("\n"));
        const ended = await project.run([], { EDGE_PULUMI_MIRROR: mirror });
        expect(ended.stderr).toContain(`there is no ${archive} among the published checksums`);
    });
});

describe("without any engine", () => {
    test("one sentence says what was tried, what was found and what to install", async () => {
        project.tool("pulumi", pulumi("3.100.0"));
        const ended = await project.run(["local"]);
        expect(ended).toMatchObject({ code: 1, signal: null });
        expect(ended.stderr.replaceAll(project.root, "").trimEnd()).toBe(
            "Expected a Pulumi engine and could neither find nor obtain one (/path/bin/pulumi on PATH is 3.100.0, " +
                "older than 3.259.0; none in ~/.pulumi/versions/3.259.0; none in ~/.cache/edge-classifier/pulumi/3.259.0; " +
                "downloading Pulumi's own archive: 127.0.0.1:9: bad port; building from its Go module: no Go on PATH): " +
                "install Pulumi 3.259.0 (https://www.pulumi.com/docs/install) or Go 1.26 or newer (https://go.dev/dl), " +
                "then repeat the command.",
        );
    });

    test("a Go that is too old is named", async () => {
        project.tool("go", go("go1.21.3", buildsEngine));
        expect((await project.run([])).stderr).toContain("Go on PATH is go1.21.3, older than 1.26");
    });

    test("what Go said last follows the sentence, with the command to repeat", async () => {
        project.tool("go", go("go1.26.8", "console.error('no space left on device'); process.exit(3);"));
        const { stderr } = await project.run([]);
        expect(stderr).toMatch(/"cd local\/engine && go install -v tool" failed with exit code 3/);
        expect(stderr).toMatch(/then repeat the command\.\nIt said last:\n {4}no space left on device\n/);
    });

    test("commands that need none are not kept waiting for one", async () => {
        for (const args of [
            ["edge", "model", "train"],
            ["edge", "local", "--help"],
            ["test", "--help"],
        ]) {
            expect(await project.run(args)).toMatchObject({ code: 0, stderr: "" });
        }
    });
});

test("the cache folder follows XDG_CACHE_HOME where that is absolute", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe("/caches/edge-classifier");
    for (const env of [{ XDG_CACHE_HOME: "caches" }, { XDG_CACHE_HOME: "" }, {}])
        expect(cacheFolder(env)).toBe(path.join(os.homedir(), ".cache/edge-classifier"));
});

function filesBelow(folder: string): string[] {
    const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .sort();
}
