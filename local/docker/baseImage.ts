import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { type Pack, pack } from "tar-stream";
import { addFile, addFolder, addLink, addText, epoch } from "./archive";
import type { DockerEngine } from "./dockerEngine";

/** The program of this machine that a base image is made of, and its environment. */
export interface BaseImageSource {
    /** The Node that runs this program, with its npm. */
    readonly execPath: string;
    /** NODE_EXTRA_CA_CERTS names the certificates that this machine trusts beside Node's own. */
    readonly env: NodeJS.ProcessEnv;
}

const caFile = "/etc/ssl/certs/ca-certificates.crt";
const tools = ["/bin/sh", "/usr/bin/env"];
/** Libraries that are loaded by name for looking up a host and by the classifier's packages; `ldd` of Node names none. */
const loadedLater = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2", "librt.so.1"];

/**
 * Makes a base image for builds where none can be pulled, from what this machine has: Node, npm, a shell, the
 * libraries that they need, and the certificates that it trusts. Returns its name. Needs a Linux machine with glibc.
 */
export async function makeBaseImage(engine: DockerEngine, source: BaseImageSource): Promise<string> {
    if (process.platform !== "linux") {
        throw new Error(
            `Expected Linux, whose Node can run in a container, found ${process.platform}. ` +
                "Pull a base image instead, such as node:24-bookworm-slim, and name it with --base-image.",
        );
    }
    const repository = "edge-classifier-base";
    const tag = `node-${process.versions.node}`;
    const archive = pack();
    const query = {
        fromSrc: "-",
        repo: repository,
        tag,
        changes: "ENV PATH=/usr/local/bin:/usr/bin:/bin",
    };
    const headers = { "Content-Type": "application/x-tar" };
    const imported = engine.follow("POST", "/images/create", { query, headers, stream: archive }, () => {});
    await Promise.all([imported, fill(archive, source)]);
    return `${repository}:${tag}`;
}

async function fill(archive: Pack, { execPath, env }: BaseImageSource): Promise<void> {
    const libraries = new Set([execPath, ...tools].flatMap(librariesOf));
    const libraryFolder = dirname([...libraries].find((path) => /\/libc\.so/.test(path)) ?? "/lib/libc.so.6");
    for (const name of loadedLater) {
        if (existsSync(join(libraryFolder, name))) libraries.add(join(libraryFolder, name));
    }
    await addFile(archive, execPath, "usr/local/bin/node");
    for (const path of [...libraries, ...tools]) await addFile(archive, path, path.slice(1));
    await addFolder(archive, npmFolder(execPath), "usr/local/lib/node_modules/npm");
    addLink(archive, "usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js");
    const registry = npmRegistry(execPath);
    await addText(archive, caFile.slice(1), trusted(env));
    await addText(archive, "usr/local/etc/npmrc", `cafile=${caFile}\nregistry=${registry}\n`);
    await addText(
        archive,
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
    );
    await addText(archive, "etc/group", "root:x:0:\nnode:x:1000:\n");
    await addText(archive, "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    archive.entry({ name: "tmp", type: "directory", mode: 0o1777, mtime: epoch });
    archive.entry({ name: "home/node", type: "directory", mode: 0o755, uid: 1000, gid: 1000, mtime: epoch });
    archive.finalize();
}

/** The paths that `ldd` names: `lib => path (address)`, or the loader's own path. */
function librariesOf(program: string): string[] {
    const lines = execFileSync("ldd", [realpathSync(program)], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

function npmFolder(execPath: string): string {
    const folder = join(dirname(dirname(realpathSync(execPath))), "lib/node_modules/npm");
    if (existsSync(folder)) return realpathSync(folder);
    throw new Error(`Expected npm beside Node, at ${folder}, found none. Install Node with its npm.`);
}

/** The registry that npm uses here, without a user who may be in its address. */
function npmRegistry(execPath: string): string {
    const npm = join(npmFolder(execPath), "bin/npm-cli.js");
    const found = execFileSync(execPath, [npm, "config", "get", "registry"], { encoding: "utf8" }).trim();
    const url = new URL(found);
    url.username = "";
    url.password = "";
    return url.href;
}

function trusted(env: NodeJS.ProcessEnv): string {
    const extra = env.NODE_EXTRA_CA_CERTS;
    const more = extra && existsSync(extra) ? readFileSync(extra, "utf8") : "";
    return `${[...rootCertificates, more].join("\n")}\n`;
}
