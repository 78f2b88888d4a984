import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { EngineCertificates } from "../../local/docker/engineAddress";

/** What the Pulumi docker provider goes by: the stack's `docker:…`, and the environment. */
export interface DockerSettings {
    readonly config: ReadonlyMap<string, string>;
    readonly env: NodeJS.ProcessEnv;
}

/** Where the provider looks for an engine, in its order, and who named the place; nobody where it goes by its defaults. */
export interface DockerHosts {
    readonly hosts: readonly string[];
    readonly namedBy?: "docker:host" | "DOCKER_HOST";
}

/**
 * The places that the provider asks (pulumi-docker, image.go: configureDockerClient): one that is named is the only one.
 * It knows nothing of the contexts of the docker CLI.
 */
export function dockerHosts({ config, env }: DockerSettings): DockerHosts {
    const configured = config.get("host");
    if (configured) return { hosts: [configured], namedBy: "docker:host" };
    if (env.DOCKER_HOST) return { hosts: [env.DOCKER_HOST], namedBy: "DOCKER_HOST" };
    return { hosts: usualDockerHosts(env) };
}

function usualDockerHosts(env: NodeJS.ProcessEnv): string[] {
    if (process.platform === "win32") return ["npipe:////./pipe/docker_engine"];
    const users = [".docker/run/docker.sock", ".docker/desktop/docker.sock"];
    return ["/var/run/docker.sock", ...users.map((socket) => join(home(env), socket))].map(
        (socket) => `unix://${socket}`,
    );
}

/** Where else an engine may be: at the provider's own places, where another is named, and where it never looks. */
export function otherDockerHosts({ env }: DockerSettings): string[] {
    if (process.platform === "win32") return usualDockerHosts(env);
    const runtimes = env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.()}`;
    const sockets = [
        join(runtimes, "docker.sock"),
        ...[
            ".colima/default/docker.sock",
            ".colima/docker.sock",
            ".rd/docker.sock",
            ".orbstack/run/docker.sock",
        ].map((socket) => join(home(env), socket)),
        join(runtimes, "podman/podman.sock"),
    ];
    return [...usualDockerHosts(env), ...sockets.map((socket) => `unix://${socket}`)];
}

/**
 * The certificates for an engine behind TLS, of the folder that `docker:certPath` or DOCKER_CERT_PATH names. With the
 * latter alone the engine's own is verified only while DOCKER_TLS_VERIFY is set, as Docker's client does it.
 */
export function engineCertificates({ config, env }: DockerSettings): EngineCertificates | undefined {
    const configured = config.get("certPath");
    const folder = configured || env.DOCKER_CERT_PATH;
    if (!folder) return undefined;
    const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) => readFileSync(join(folder, file)));
    if (!ca || !cert || !key) return undefined;
    return { ca, cert, key, isVerified: Boolean(configured || env.DOCKER_TLS_VERIFY) };
}

function home(env: NodeJS.ProcessEnv): string {
    return env.HOME ?? homedir();
}
