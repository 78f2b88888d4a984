import { execFileSync } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder in place of a machine's root, with stand-ins for the commands that would change a machine. */
export interface StandInMachine {
    readonly root: string;
    /** The one folder of commands: the stand-ins, and this machine's own tools where they are harmless. */
    readonly bin: string;
    /** A command that writes down what it was asked, and then does as `body` says. */
    fake(name: string, body: string, folder?: string): void;
    /** What the stand-ins were asked, a line each. */
    calls(): string[];
    forgetCalls(): void;
    read(path: string): string;
    osRelease(id: string, version: string, codename: string): void;
    /** Puts a container engine on the machine that runs, and answers clients of these versions of its API. */
    hasEngine(least: string, most: string): void;
    /** The versions of the API of an engine that is installed from now on. */
    packagedEngine(least: string, most: string): void;
    remove(): void;
}

/** What a package does: `name: [commands, depends, recommends]`. Azure/moby-packaging, moby-engine/mapping.go. */
const packages: Record<string, [string, string, string]> = {
    "moby-engine": [
        "dockerd",
        "moby-containerd moby-runc moby-tini",
        "apparmor ca-certificates iptables kmod moby-cli pigz xz-utils",
    ],
    "moby-cli": ["docker", "", "ca-certificates git moby-buildx pigz xz-utils"],
};

/** Tools of this machine that the scripts may use as they are. */
const tools =
    "base64 basename bash cat chmod cmp cp cut dirname env grep head ls mkdir mktemp mv rm sed sort stat tail touch wc".split(
        " ",
    );

/** Makes a Debian 12 without a container engine. `$ROOT` and `$BIN` are the machine's in the stand-ins' bodies. */
export function standInMachine(): StandInMachine {
    const root = mkdtempSync(join(tmpdir(), "machine-"));
    const bin = join(root, "bin");
    const folders = ["bin", "etc/apt/sources.list.d", "usr/share/keyrings", "usr/local/sbin"];
    for (const folder of [...folders, "run/systemd/system", "installed", "packages", "engine", "stand-ins"])
        mkdirSync(join(root, folder), { recursive: true });
    for (const tool of tools) {
        const path = execFileSync("bash", ["-c", `command -v ${tool} || true`], { encoding: "utf8" }).trim();
        if (path) symlinkSync(path, join(bin, tool));
    }
    for (const [name, lines] of Object.entries(packages))
        writeFileSync(join(root, "packages", name), `${lines.join("\n")}\n`);
    const machine = machineAt(root, bin);
    machine.forgetCalls();
    machine.osRelease("debian", "12", "bookworm");
    machine.packagedEngine("1.24", "1.47");
    const { fake } = machine;
    for (const name of ["apt-mark", "curl", "sleep", "chown"]) fake(name, "");
    fake("apt-get", aptGet);
    fake("apt-cache", `echo 'Depends: adduser, aziot-identity-service (= 1.6.2-1), sed'`);
    fake("dpkg", "echo amd64");
    fake("gpg", `[[ $* != *--export* ]] || echo "key $5"`);
    fake("systemctl", systemctl);
    fake("journalctl", 'cat "$ROOT/engine/journal"');
    fake("iotedge", iotedge);
    fake("dockerd", "", join(root, "stand-ins"));
    fake("docker", docker, join(root, "stand-ins"));
    return machine;
}

function machineAt(root: string, bin: string): StandInMachine {
    const write = (path: string, text: string) => writeFileSync(join(root, path), text);
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    const packagedEngine = (least: string, most: string) => write("engine/versions", `${least} ${most}\n`);
    return {
        root,
        bin,
        read,
        packagedEngine,
        fake(name, body, folder = bin) {
            const path = join(folder, name);
            rmSync(path, { force: true });
            const places = `ROOT='${root}' BIN='${bin}'`;
            const log = `printf '%s\\n' "${name} $*" >>"$ROOT/calls"`;
            writeFileSync(path, `#!/bin/bash\n${places}\n${log}\n${body}\n`, { mode: 0o755 });
        },
        calls: () => read("calls").trimEnd().split("\n"),
        forgetCalls: () => write("calls", ""),
        osRelease: (id, version, codename) =>
            write("etc/os-release", `ID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`),
        hasEngine(least, most) {
            packagedEngine(least, most);
            for (const name of ["moby-engine", "iptables"]) write(`installed/${name}`, "");
            write("engine/running", `${least} ${most}\n`);
            for (const name of ["docker", "dockerd"])
                if (!existsSync(join(bin, name))) symlinkSync(join(root, "stand-ins", name), join(bin, name));
        },
        remove: () => rmSync(root, { recursive: true, force: true }),
    };
}

/** Installs what is named, what that depends on, and what is recommended unless that is refused. */
export const aptGet = `
install() {
    local name=\${1%%=*} commands='' depends='' recommends='' other
    [[ ! -e $ROOT/installed/$name ]] || return 0
    touch "$ROOT/installed/$name"
    [[ ! -e $ROOT/packages/$name ]] ||
        { read -r commands; read -r depends; read -r recommends; } <"$ROOT/packages/$name"
    [[ $options != *--no-install-recommends* ]] || recommends=''
    for other in $depends $recommends; do install "$other"; done
    for other in $commands; do cp "$ROOT/stand-ins/$other" "$BIN/$other"; done
    # Its postinst starts the engine, and hides how that went.
    [[ $name != moby-engine ]] || systemctl start docker >/dev/null || true
}
options=$*
[[ $options != *' install '* ]] || for name in \${options##* install }; do install "$name"; done`;

/** An engine does not start without iptables, and reads its settings when it starts. */
const systemctl = `
case "$1 $2" in
    'start docker' | 'restart docker') ;;
    *) exit 0 ;;
esac
[[ $1 != start || ! -e $ROOT/engine/running ]] || exit 0
rm -f "$ROOT/engine/running"
if [[ ! -e $ROOT/installed/iptables || -e $ROOT/engine/broken ]]; then
    echo 'failed to start daemon: Error initializing network controller: Iptables not found' >>"$ROOT/engine/journal"
    exit 1
fi
read -r least most <"$ROOT/engine/versions"
variable=$(sed -n 's/^Environment=DOCKER_MIN_API_VERSION=//p' "$ROOT"/etc/systemd/system/docker.service.d/*.conf 2>/dev/null)
key=$(sed -n 's/.*"min-api-version": "\\([0-9.]*\\)".*/\\1/p' "$ROOT/etc/docker/daemon.json" 2>/dev/null)
least=\${key:-\${variable:-$least}}
echo "$least $most" >"$ROOT/engine/running"`;

const docker = `
[[ -e $ROOT/engine/running ]] || { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }
[[ $* == "version --format {{.Server.MinAPIVersion}} {{.Server.APIVersion}}" ]] || exit 1
cat "$ROOT/engine/running"`;

/** IoT Edge speaks one version of the engine's API, and starts its agent where it is answered. */
const iotedge = `
[[ $1 == list && -e $ROOT/engine/running ]] || exit 0
read -r least most <"$ROOT/engine/running"
((\${least#1.} > 41 || \${most#1.} < 41)) || echo 'edgeAgent        running          Up 3 seconds'`;
