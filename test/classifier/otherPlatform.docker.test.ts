import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { extract, pack } from "tar-stream";
import { makeBaseImage } from "../../local/docker/baseImage";
import { contextFiles } from "../../local/docker/buildContext";
import { type DockerEngine, DockerError, unlessRefused } from "../../local/docker/dockerEngine";
import { testEngine } from "../support/dockerEngine";

const context = join(__dirname, "../../classifier");
const name = "edge-classifier-other-platform";
const other = process.arch === "arm64" ? "amd64" : "arm64";
/** `e_machine` of an ELF file (elf.h), by Docker's names. */
const machines = { amd64: 62, arm64: 183 };

let engine: DockerEngine | undefined;
beforeAll(async () => {
    engine = await testEngine();
});
afterAll(async () => {
    if (engine)
        await unlessRefused([404], engine.call("DELETE", `/images/${name}`, { query: { force: "1" } }));
});

test("an image of another platform is built without executing anything of it, and holds its binaries only", async () => {
    if (!engine) return;
    const base = await makeBaseImage(engine, process);
    await build(engine, base);
    const built = await engine.call<{ Architecture: string }>("GET", `/images/${name}/json`);
    expect(built.Architecture).toBe(other);
    const binaries = await binariesOf(engine);
    expect(binaries.map(({ path }) => path.split("/").at(-1)).sort()).toEqual([
        "koffi.node",
        "libonnxruntime.so.1",
        "libturbojpeg.so.0",
        expect.stringMatching(/^libvips-cpp\.so\./),
        "onnxruntime_binding.node",
        expect.stringMatching(/^sharp-linux-/),
    ]);
    expect(new Set(binaries.map(({ machine }) => machine))).toEqual(new Set([machines[other]]));
});

/** Builds as the docker provider does: a tar, for BuildKit. The other platform's base is empty, for none is at hand. */
async function build(engine: DockerEngine, base: string): Promise<void> {
    const archive = pack();
    for (const file of contextFiles(context)) {
        const content = readFileSync(join(context, file), file === "Dockerfile" ? "utf8" : undefined);
        const sent =
            typeof content === "string" ? content.replace(/^FROM \$\{BASE\}$/m, "FROM scratch") : content;
        archive.entry({ name: file }, sent);
    }
    archive.finalize();
    const query = {
        version: "2",
        t: name,
        platform: `linux/${other}`,
        buildargs: JSON.stringify({ BASE: base }),
    };
    const headers = { "Content-Type": "application/x-tar" };
    const traces: string[] = [];
    const keep = (line: { aux?: unknown }) => {
        if (typeof line.aux === "string") traces.push(Buffer.from(line.aux, "base64").toString());
    };
    try {
        await engine.follow("POST", "/build", { query, headers, stream: archive }, keep);
    } catch (error) {
        if (!(error instanceof DockerError)) throw error;
        // What BuildKit's steps printed is text within its messages.
        throw new Error(`${error.message}\n${traces.slice(-20).join("\n")}`, { cause: error });
    }
}

/** The ELF files of the built image, and which machine each is for; read from a container that is never started. */
async function binariesOf(engine: DockerEngine): Promise<{ path: string; machine: number }[]> {
    const container = { query: { platform: `linux/${other}` }, body: { Image: name } };
    const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", container);
    try {
        const found: { path: string; machine: number }[] = [];
        const files = (await engine.open("GET", `/containers/${Id}/export`)).pipe(extract());
        for await (const entry of files) {
            const start = await buffer(entry);
            if (start.subarray(0, 4).toString("latin1") !== "\x7fELF") continue;
            found.push({ path: entry.header.name, machine: start.readUInt16LE(18) });
        }
        return found;
    } finally {
        await engine.call("DELETE", `/containers/${Id}`);
    }
}
