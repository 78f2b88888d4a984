import { dockerEngine } from "../../local/docker/dockerEngine";
import { type DockerSettings, dockerHosts, engineCertificates, otherDockerHosts } from "./dockerHosts";
import { type Finding, failed, good } from "./finding";

/** Runs the docker CLI and answers what it printed; undefined when it is not there or fails. */
export type DockerCli = (...args: string[]) => Promise<string | undefined>;

const name = "docker";
const prebuilt = "or deploy a prebuilt image with: pulumi config set image REPOSITORY@sha256:…";

/** What an engine says of itself, as far as it is looked at (Docker Engine API, `GET /info`). */
interface EngineInfo {
    readonly ServerVersion?: string;
    readonly DriverStatus?: readonly (readonly [string, string])[] | null;
}

/** Asks for an engine where the Pulumi docker provider does, and whether it takes what the provider sends. */
export async function dockerFinding(docker: DockerCli, settings: DockerSettings): Promise<Finding> {
    const { hosts, namedBy } = dockerHosts(settings);
    const reasons: string[] = [];
    for (const host of hosts) {
        try {
            return engineFinding(host, await engineInfo(docker, settings, host));
        } catch (error) {
            reasons.push((error as Error).message);
        }
    }
    const other = await engineElsewhere(docker, settings, hosts);
    if (other) {
        return failed(
            name,
            `an engine answers at ${other}, where the Pulumi docker provider does not look`,
            namedBy === "docker:host"
                ? `Name it with: pulumi config set docker:host ${quoted(other)}`
                : `Name it with: ${exported("DOCKER_HOST", other)}`,
        );
    }
    const places = namedBy ? `${hosts[0]}, which ${namedBy} names` : hosts.join(", ");
    return failed(name, `no engine answers at ${places}`, howToMend(reasons));
}

/** The engine of the docker CLI's context, or of a well-known place, that the provider leaves aside. */
async function engineElsewhere(
    docker: DockerCli,
    settings: DockerSettings,
    asked: readonly string[],
): Promise<string | undefined> {
    const context = await docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
    for (const host of [context, ...otherDockerHosts(settings)]) {
        if (!host || asked.includes(host)) continue;
        try {
            await engineInfo(docker, settings, host);
            return host;
        } catch {
            // Nobody told us of this place: that nothing answers there is no news.
        }
    }
    return undefined;
}

/** Throws the reason where no engine answers. */
async function engineInfo(docker: DockerCli, settings: DockerSettings, host: string): Promise<EngineInfo> {
    if (host.startsWith("ssh://")) {
        // The provider, too, has the docker CLI of the other machine hand its calls on.
        const found = await docker("--host", host, "info", "--format", "{{json .}}");
        if (found) return JSON.parse(found) as EngineInfo;
        throw new Error(`The Docker engine at ${host} cannot be reached.`);
    }
    const certificates = /^(tcp|https):/.test(host) ? engineCertificates(settings) : undefined;
    return dockerEngine(host, certificates).call<EngineInfo>("GET", "/info", {
        signal: AbortSignal.timeout(5000),
    });
}

function engineFinding(host: string, { ServerVersion: version = "", DriverStatus }: EngineInfo): Finding {
    const keepsImagesInContainerd = (DriverStatus ?? []).some(
        ([key, value]) => key === "driver-type" && value === "io.containerd.snapshotter.v1",
    );
    // The provider sends the build context as a tar, which these answer with "failed to load cache key: … 403".
    if (keepsImagesInContainerd && isBefore(version, 27, 5)) {
        return failed(
            name,
            `engine ${version} keeps images in containerd and cannot take a build from Pulumi (moby#47717)`,
            "Update Docker to 27.5 or newer, or turn the containerd image store off: in the settings of Docker " +
                'Desktop, otherwise with { "features": { "containerd-snapshotter": false } } in its daemon.json',
        );
    }
    return good(name, `engine ${version} at ${host}`);
}

/** A candidate of a release, `27.5.0-rc.1`, is before it. */
function isBefore(version: string, major: number, minor: number): boolean {
    const [, foundMajor = 0, foundMinor = 0, patch = 0] = (/^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).map(
        Number,
    );
    if (foundMajor !== major) return foundMajor < major;
    return foundMinor < minor || (foundMinor === minor && patch === 0 && version.includes("-rc"));
}

function howToMend(reasons: readonly string[]): string {
    if (reasons.some((reason) => reason.includes("EACCES"))) {
        return 'Let yourself ask it: sudo usermod --append --groups docker "$USER", and sign in anew';
    }
    return `Start Docker, ${prebuilt}`;
}

function exported(variable: string, value: string): string {
    return process.platform === "win32"
        ? `$env:${variable} = "${value}"`
        : `export ${variable}=${quoted(value)}`;
}

/** As a shell reads it; a home may have spaces. */
function quoted(text: string): string {
    return /^[\w/:.@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
