import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../../local/docker/dockerEngine";
import type { LocalStatus } from "../../local/status";
import { testEngine } from "../support/dockerEngine";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// One stack, taken through its life in containers; each test goes on where the one before ended.
let engine: DockerEngine | undefined;
let project: ProjectCopy;
let url: string;
let before: { containers: string[]; images: string[]; networks: string[] };

interface Update {
    outputs: { image: string; classifierUrl: string };
}

beforeAll(async () => {
    engine = await testEngine();
    if (!engine) return;
    project = await copyProject();
    document(await project.edge("local", "base-image", "--json"));
    before = await inEngine(engine);
});
afterAll(() => project?.remove());

function containerTest(name: string, work: (engine: DockerEngine) => Promise<void>): void {
    test(name, async () => {
        if (engine) await work(engine);
    });
}

async function inEngine(engine: DockerEngine): Promise<typeof before> {
    const containers = await engine.call<{ Id: string }[]>("GET", "/containers/json", {
        query: { all: "1" },
    });
    const images = await engine.call<{ Id: string }[]>("GET", "/images/json", { query: { all: "1" } });
    const networks = await engine.call<{ Id: string }[]>("GET", "/networks");
    const ids = (each: { Id: string }[]) => each.map(({ Id }) => Id).sort();
    return { containers: ids(containers), images: ids(images), networks: ids(networks) };
}

async function up(): Promise<Update> {
    return document(await project.edge("local", "up", "--json", "--runtime", "container"));
}

async function status(): Promise<LocalStatus> {
    return document(await project.edge("local", "status", "--json"));
}

async function bestLabel(sample: string): Promise<string | undefined> {
    const body = readFileSync(join(project.folder, "samples", sample));
    const response = await fetch(`${url}/image`, { method: "POST", body });
    const { predictions } = (await response.json()) as {
        predictions: { tagName: string; probability: number }[];
    };
    return predictions.toSorted((a, b) => b.probability - a.probability)[0]?.tagName;
}

/** Bytes that lie in the registry. */
function registryBytes(): number {
    const folder = join(project.folder, ".local/stacks/local/azure/registries");
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((path) => statSync(join(folder, path)))
        .filter((found) => found.isFile())
        .reduce((sum, { size }) => sum + size, 0);
}

const modelFile = (name: string) => join(project.folder, "classifier/model", name);

containerTest("the image is built, pushed, pulled by digest and run, and it classifies", async (engine) => {
    const { outputs } = await up();
    url = outputs.classifierUrl;
    expect(await bestLabel("spotted-banana.png")).toBe("ripe");
    expect(await bestLabel("clean-banana.png")).toBe("unripe");
    const [module] = (await status()).devices[0]?.modules ?? [];
    expect(module).toMatchObject({ image: outputs.image, runtime: "container", status: "running" });
    // biome-ignore lint/suspicious/noExplicitAny: what the engine says is looked into at will.
    const found = await engine.call<any>("GET", `/containers/${module?.container}/json`);
    expect(found.Config.Image).toBe(outputs.image);
    expect(found.Config.User).toBe("node");
    expect(JSON.stringify(found.HostConfig.PortBindings)).toContain('"HostIp":"127.0.0.1"');
});

containerTest("another model moves only its layer, and gives other answers", async () => {
    const bytes = registryBytes();
    rmSync(modelFile("samples"), { recursive: true, force: true });
    writeFileSync(modelFile("labels.txt"), "unripe\nripe\n");
    const yaml = readFileSync(modelFile("model.yaml"), "utf8");
    writeFileSync(
        modelFile("model.yaml"),
        yaml.replace(/labels:(\s+)- ripe(\s+)- unripe/, "labels:$1- unripe$2- ripe"),
    );
    const model = readdirSync(join(project.folder, "classifier/model"), { recursive: true, encoding: "utf8" })
        .map((path) => statSync(modelFile(path)))
        .reduce((sum, { size }) => sum + size, 0);
    await up();
    expect(await bestLabel("spotted-banana.png")).toBe("unripe");
    // The layer is at most the model with tar's own blocks, beside a configuration and a manifest.
    expect(registryBytes() - bytes).toBeLessThan(model + 64 * 1024);
});

containerTest("an image that cannot start is reported with its exit code, and rests", async () => {
    const source = join(project.folder, "classifier/src/main.ts");
    const good = readFileSync(source, "utf8");
    writeFileSync(source, "process.exit(9);\nexport {};\n");
    await project.compile();
    const broken = project.edge("local", "up", "--json");
    let last: LocalStatus["devices"][number]["modules"][number] | undefined;
    for (let tries = 0; tries < 300 && last?.status !== "backoff"; tries++) {
        await sleep(500);
        last = (await status()).devices[0]?.modules[0];
    }
    expect(last?.status).toBe("backoff");
    const log = (await project.edge("local", "logs")).stdout;
    expect(log).toMatch(/ImageClassifier: exited with code 9 \(backoff\)/);
    expect((await broken).exitCode).not.toBe(0);
    writeFileSync(source, good);
});

containerTest("destroy leaves no container, image or network of the stack", async (engine) => {
    document(await project.edge("local", "destroy", "--json"));
    expect(await inEngine(engine)).toEqual(before);
});

containerTest("reset of a stack that is up leaves nothing in the engine either", async (engine) => {
    // A test before this one has changed the sources of the service.
    await project.compile();
    await up();
    document(await project.edge("local", "reset", "--json"));
    expect(await inEngine(engine)).toEqual(before);
});
