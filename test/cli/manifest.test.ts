import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploymentManifest } from "../../infra/manifest/deploymentManifest";
import { defaultOptions } from "../infra/manifest/defaultOptions";
import { everyOption } from "../infra/manifest/everyOption";
import { edge as edgeProcess, project } from "./edge";
import { runCommand as edge } from "./runCommand";

const registry = { address: "registry1.azurecr.io", username: "registry1", password: "hunter2" };
const image = `registry1.azurecr.io/classifier@sha256:${"ab".repeat(32)}`;
const folder = mkdtempSync(join(tmpdir(), "edge-manifest-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
}

function edgeWithInput(input: string, ...args: string[]) {
    return spawnSync(process.execPath, ["--require", "tsx/cjs", "cli/edge.ts", ...args], {
        cwd: project,
        input,
        encoding: "utf8",
    });
}

test.each<[string, Buffer, number, string]>([
    ["UTF-8 with a mark", Buffer.from(`\ufeff{"modulesContent": {}}`), 2, "$edgeAgent"],
    ["UTF-16 with a mark", Buffer.from(`\ufeff{"modulesContent": {}}`, "utf16le"), 2, "$edgeAgent"],
    ["no UTF-8", Buffer.from('{\n"\xe9": 1}', "latin1"), 2, "found in line 2 the byte 0xe9"],
])("a manifest in %s is read by its mark, or refused by its line", async (name, bytes, code, said) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, bytes);
    const { exitCode, stdout, stderr } = await edge("manifest", "validate", path);
    expect(exitCode).toBe(code);
    expect(stdout + stderr).toContain(said);
});

describe("edge manifest render", () => {
    test("prints a valid manifest of a stack's configuration", async () => {
        const { exitCode, stdout } = await edgeProcess("manifest", "render", "--stack", "dev");
        expect(exitCode).toBe(0);
        const { $edgeAgent } = JSON.parse(stdout).modulesContent;
        const { modules, runtime } = $edgeAgent["properties.desired"];
        expect(modules.ImageClassifier.settings.image).toMatch(
            /^registry\.invalid\/classifier@sha256:0{64}$/,
        );
        expect(runtime.settings.registryCredentials.registry.password).toBe("<secret: registry password>");
        const checked = edgeWithInput(stdout, "manifest", "validate", "--json");
        expect(JSON.parse(checked.stdout)).toEqual({ valid: true, problems: [] });
        expect(checked.status).toBe(0);
    });

    test("says which file it misses, with exit code 3", async () => {
        const { exitCode, stderr } = await edge("manifest", "render", "--stack", "nowhere");
        expect(exitCode).toBe(3);
        expect(stderr.trim()).toBe(
            "Expected the configuration of stack nowhere in Pulumi.nowhere.yaml, found no such file. Name another stack with --stack.",
        );
    });
});

describe("edge manifest validate", () => {
    const bad = deploymentManifest({ image: "A", registry, ...defaultOptions });
    bad.modulesContent.$edgeHub["properties.desired"].routes = { r: "FROM a" };
    const problems = [
        'Expected the image of ImageClassifier to be an image such as registry.example/name:1.0 or registry.example/name@sha256:…, found "A".',
        'Expected route r to read FROM source [WHERE condition] INTO sink, found "FROM a". Write for example: FROM /messages/* INTO $upstream',
    ];

    test("tells all problems and ends with 2", async () => {
        const { exitCode, stdout, stderr } = await edgeProcess("manifest", "validate", file("bad.json", bad));
        expect(exitCode).toBe(2);
        expect(stdout).toBe("");
        expect(stderr.trim().split("\n")).toEqual([...problems, "The manifest has 2 problems."]);
    });

    test("takes the form of automatic deployments too, and answers in JSON", async () => {
        const wrapped = file("wrapped.json", { id: "d", content: bad, targetCondition: "*" });
        const { exitCode, stdout } = await edge("manifest", "validate", wrapped, "--json");
        expect(exitCode).toBe(2);
        expect(JSON.parse(stdout)).toEqual({ valid: false, problems });
    });

    test("knows a layered deployment, and says that its base is not known", async () => {
        const layer = {
            id: "layer-1",
            priority: 10,
            targetCondition: "tags.site='north'",
            labels: { team: "a" },
            content: {
                modulesContent: {
                    $edgeHub: { "properties.desired.routes.all": "FROM /messages/* INTO $upstream" },
                },
            },
        };
        const valid = await edge("manifest", "validate", file("layer.json", layer));
        expect([valid.exitCode, valid.stdout]).toEqual([
            0,
            "The layered deployment is valid. The modules of its base are not known here.\n",
        ]);
        const wrong = { ...layer, id: "Layer 1", priority: -1, targetCondition: " ", labels: { team: 1 } };
        const { exitCode, stderr } = await edge("manifest", "validate", file("wrong.json", wrong));
        expect(exitCode).toBe(2);
        expect(stderr.trim().split("\n")).toEqual([
            expect.stringMatching(/^Expected id to be .*, found "Layer 1"\.$/),
            "Expected priority to be a whole number from 0, found -1.",
            expect.stringMatching(/^Expected targetCondition to be a condition such as .*, found " "\.$/),
            "Expected labels.team to be a text, found 1.",
            "The manifest has 4 problems.",
        ]);
    });

    test("warns of what a device takes, but what is seldom meant", async () => {
        const bound = { HostConfig: { Privileged: true, PortBindings: { "80/tcp": [{ HostPort: "81" }] } } };
        const manifest = deploymentManifest({ image, registry, ...defaultOptions });
        const { ImageClassifier: module } = manifest.modulesContent.$edgeAgent["properties.desired"].modules;
        if (module) module.settings.createOptions = JSON.stringify(bound);
        const warnings = [
            expect.stringContaining("ExposedPorts to have 80/tcp"),
            expect.stringContaining("without Privileged"),
        ];
        const { exitCode, stdout } = await edge("manifest", "validate", file("warned.json", manifest));
        expect(exitCode).toBe(0);
        expect(stdout.trim().split("\n")).toEqual([
            ...warnings.map(() => expect.stringMatching(/^Warning: Expected /)),
            "The manifest is valid.",
        ]);
        const json = await edge("manifest", "validate", file("warned.json", manifest), "--json");
        expect(JSON.parse(json.stdout)).toEqual({ valid: true, problems: [], warnings });
    });

    test.each([
        ["missing.json", undefined, 3, /^Expected a manifest in .*missing\.json, found no such file\./],
        ["text.json", "modules:", 2, /^Expected .*text\.json to be JSON, found that it is not: /],
        ["other.json", "[]", 2, /^Expected .*other\.json to hold \{modulesContent\} or \{content: /],
    ])("ends with %s as it should", async (name, content, expected, message) => {
        const path = content === undefined ? join(folder, name) : file(name, content);
        const { exitCode, stderr } = await edge("manifest", "validate", path);
        expect(stderr).toMatch(message);
        expect(exitCode).toBe(expected);
    });
});

describe("a manifest's file", () => {
    const { INIT_CWD } = process.env;
    afterAll(() => {
        if (INIT_CWD === undefined) delete process.env.INIT_CWD;
        else process.env.INIT_CWD = INIT_CWD;
    });

    test("is named as seen from where the user is, and one problem is one", async () => {
        process.env.INIT_CWD = folder;
        const manifest = deploymentManifest({ image: "A", registry, ...defaultOptions });
        file("here.json", manifest);
        const { exitCode, stderr } = await edge("manifest", "validate", "here.json");
        expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/\nThe manifest has 1 problem\.\n$/)]);
        const valid = file("valid.json", deploymentManifest({ image, registry, ...defaultOptions }));
        const { stdout } = await edge("manifest", "validate", valid);
        expect(stdout).toBe("The manifest is valid.\n");
        const { stderr: told } = await edge("manifest", "diff", "here.json", "valid.json");
        expect(told).toBe("The manifests differ in 1 field.\n");
    });

    test("may be standard input on either side of a comparison", () => {
        const text = JSON.stringify(deploymentManifest({ image, registry, ...defaultOptions }));
        const { status, stdout } = edgeWithInput(
            text,
            "manifest",
            "diff",
            file("same.json", text),
            "-",
            "--json",
        );
        expect([status, JSON.parse(stdout)]).toEqual([0, { changes: [] }]);
    });

    test.each([
        ["null", "null"],
        ["a manifest without its content", '{"content": null}'],
        ["a text", '"modulesContent"'],
    ])("that holds %s is no manifest", async (_, text) => {
        const { exitCode, stderr } = await edge(
            "manifest",
            "diff",
            file("none.json", text),
            file("n.json", text),
        );
        expect([exitCode, stderr]).toEqual([
            2,
            expect.stringMatching(/none\.json to hold \{modulesContent\} or \{content: .*found neither\.\n$/),
        ]);
    });
});

describe("edge manifest diff", () => {
    const one = () => file("one.json", deploymentManifest({ image, registry, ...defaultOptions }));

    test("finds a manifest the same as itself, however its createOptions are cut", async () => {
        const manifest = deploymentManifest({ image, registry, ...defaultOptions });
        const { modules } = manifest.modulesContent.$edgeAgent["properties.desired"];
        const { createOptions = "" } = modules.ImageClassifier?.settings ?? {};
        Object.assign(modules.ImageClassifier?.settings ?? {}, {
            createOptions: createOptions.slice(0, 20),
            createOptions01: createOptions.slice(20),
        });
        const { exitCode, stdout } = await edge("manifest", "diff", one(), file("two.json", manifest));
        expect(stdout.trim()).toBe("The manifests are the same.");
        expect(exitCode).toBe(0);
    });

    test("shows a port, an environment variable and a new module as fields, and no secret", async () => {
        const two = deploymentManifest({
            ...defaultOptions,
            image,
            registry: { ...registry, password: "hunter3" },
            hostPort: 8080,
            moduleEnv: { LOG_LEVEL: "debug" },
            moduleSecrets: { API_KEY: "hunter4" },
            timeToLiveSecs: 60,
        });
        const { exitCode, stdout, stderr } = await edge("manifest", "diff", one(), file("two.json", two));
        expect(exitCode).toBe(1);
        expect(stderr.trim()).toBe("The manifests differ in 5 fields.");
        expect(stdout.trim().split("\n")).toEqual([
            '~ $edgeAgent.runtime.settings.registryCredentials.registry.password  "<hidden>" → "<hidden>"',
            '~ $edgeAgent.modules.ImageClassifier.settings.createOptions.HostConfig.PortBindings.80/tcp.0.HostPort  "80" → "8080"',
            "~ $edgeHub.storeAndForwardConfiguration.timeToLiveSecs  7200 → 60",
            '+ $edgeAgent.modules.ImageClassifier.env.LOG_LEVEL.value  "debug"',
            '+ $edgeAgent.modules.ImageClassifier.env.API_KEY.value  "<hidden>"',
        ]);
    });

    test("answers with the changes in JSON", async () => {
        const two = file("two.json", deploymentManifest<unknown>({ image, registry, ...everyOption }));
        const { exitCode, stdout } = await edge("manifest", "diff", two, one(), "--json");
        expect(exitCode).toBe(1);
        expect(JSON.parse(stdout).changes).toContainEqual({
            path: "$edgeAgent.modules.ImageClassifier.startupOrder",
            from: 10,
        });
        expect(stdout).not.toContain("hunter2");
    });
});
