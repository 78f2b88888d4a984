import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DockerCli, dockerFinding } from "../../../cli/doctor/dockerFinding";
import { dockerHosts } from "../../../cli/doctor/dockerHosts";
import { describeUnless } from "../../support/describeUnless";

const usualSocket = "/var/run/docker.sock";
const containerdStore = [["driver-type", "io.containerd.snapshotter.v1"]];

/** What engines answered to `GET /info`: Debian's, Docker Desktop's of before and after the fix, and a new one. */
const recorded = {
    debian: {
        ServerVersion: "20.10.24+dfsg1",
        Driver: "overlay2",
        DriverStatus: [
            ["Backing Filesystem", "extfs"],
            ["Supports d_type", "true"],
            ["Native Overlay Diff", "true"],
            ["userxattr", "false"],
        ],
    },
    desktop: { ServerVersion: "27.3.1", Driver: "overlayfs", DriverStatus: containerdStore },
    mended: { ServerVersion: "27.5.0", Driver: "overlayfs", DriverStatus: containerdStore },
    newest: { ServerVersion: "29.2.0", Driver: "overlayfs", DriverStatus: containerdStore },
};

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "docker-"));
});
afterEach(async () => {
    for (const server of servers.splice(0)) {
        server.close();
        await once(server, "close");
    }
    rmSync(folder, { recursive: true, force: true });
});

/** An engine on a socket below the home, which answers what it was asked for. */
async function engineAt(socket: string, info: object = recorded.debian, status = 200): Promise<string> {
    const path = join(folder, socket);
    mkdirSync(dirname(path), { recursive: true });
    // A path of a socket has at most 107 characters.
    await listen(answering(createServer(), info, status), path);
    return `unix://${path}`;
}

function answering<S extends Server>(server: S, info: object, status = 200): S {
    servers.push(server);
    return server.on("request", ({ method, url }, response) => {
        const found = `${method} ${url}` === "GET /info";
        response.writeHead(found ? status : 404).end(JSON.stringify(info));
    });
}

async function listen(server: Server, at: string | number): Promise<number> {
    if (typeof at === "string") server.listen(at);
    else server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
}

const settings = (env: Record<string, string> = {}, config: Record<string, string> = {}) => ({
    env: { HOME: folder, XDG_RUNTIME_DIR: join(folder, "run"), ...env },
    config: new Map(Object.entries(config)),
});
/** The docker CLI, whose context is at `context`. */
const dockerCli =
    (context?: string, info?: object): DockerCli =>
    async (...args) => {
        if (args[0] === "context") return context;
        return info && args[0] === "--host" ? JSON.stringify(info) : undefined;
    };
const noCli = dockerCli();

describe("an engine is looked for", () => {
    test("where the provider looks: the stack's docker:host, then DOCKER_HOST, and nowhere else", async () => {
        const configured = await engineAt("configured.sock", { ...recorded.debian, ServerVersion: "1.0.1" });
        const named = await engineAt("named.sock", { ...recorded.debian, ServerVersion: "1.0.2" });
        const found = async (env: Record<string, string>, config: Record<string, string> = {}) =>
            (await dockerFinding(noCli, settings(env, config))).found;
        expect(await found({ DOCKER_HOST: named }, { host: configured })).toBe(
            `engine 1.0.1 at ${configured}`,
        );
        expect(await found({ DOCKER_HOST: named })).toBe(`engine 1.0.2 at ${named}`);
        expect(await found({ DOCKER_HOST: "unix:///nowhere" })).toBe(
            "no engine answers at unix:///nowhere, which DOCKER_HOST names",
        );
    });

    test("at the usual socket and the two of Docker Desktop, in this order, where nobody names another", () => {
        expect(dockerHosts(settings()).hosts).toEqual([
            `unix://${usualSocket}`,
            `unix://${folder}/.docker/run/docker.sock`,
            `unix://${folder}/.docker/desktop/docker.sock`,
        ]);
    });

    test("and may not be asked by everybody", async () => {
        const host = await engineAt("forbidden.sock");
        const user = process.geteuid?.() ?? 0;
        // Only a user who may ask anything has to become another one.
        if (user === 0) process.seteuid?.(65534);
        else chmodSync(join(folder, "forbidden.sock"), 0);
        const finding = dockerFinding(noCli, settings({ DOCKER_HOST: host }));
        const { state, fix } = await finding.finally(() => process.seteuid?.(user));
        expect([state, fix]).toEqual(["failed", expect.stringMatching(/usermod --append --groups docker/)]);
    });

    test("by plain TCP", async () => {
        const port = await listen(answering(createServer(), recorded.debian), 0);
        const host = `tcp://127.0.0.1:${port}`;
        const finding = await dockerFinding(noCli, settings({ DOCKER_HOST: host }));
        expect(finding).toEqual({
            name: "docker",
            state: "good",
            found: `engine 20.10.24+dfsg1 at ${host}`,
        });
    });

    test("by TLS with the certificates of DOCKER_CERT_PATH or docker:certPath", async () => {
        selfSigned();
        const [cert, key] = ["cert.pem", "key.pem"].map((file) => readFileSync(join(folder, file)));
        const secure = createSecureServer({
            cert,
            key,
            ca: cert,
            requestCert: true,
            rejectUnauthorized: true,
        });
        const port = await listen(answering(secure, recorded.debian), 0);
        const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
        const state = async (...how: Parameters<typeof settings>) =>
            (await dockerFinding(noCli, settings(...how))).state;
        expect(await state(env)).toBe("failed");
        expect(await state({ ...env, DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: "1" })).toBe("good");
        expect(await state(env, { certPath: folder })).toBe("good");
        renameSync(join(folder, "ca.pem"), join(folder, "gone.pem"));
        expect(await state(env, { certPath: folder })).toBe("failed");
    });

    test("by SSH through the docker CLI, which the provider needs too", async () => {
        const env = settings({ DOCKER_HOST: "ssh://me@elsewhere" });
        expect(await dockerFinding(dockerCli(undefined, recorded.debian), env)).toMatchObject({
            state: "good",
        });
        expect(await dockerFinding(noCli, env)).toMatchObject({ state: "failed" });
    });

    test("and is not believed when it refuses", async () => {
        const host = await engineAt("refusing.sock", { message: "no" }, 500);
        expect(await dockerFinding(noCli, settings({ DOCKER_HOST: host }))).toMatchObject({
            state: "failed",
            fix: expect.stringMatching(/^Start Docker, or deploy a prebuilt image/),
        });
    });
});

function selfSigned(): void {
    const subject = ["-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1"];
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
    execFileSync("openssl", ["req", "-x509", ...ec, ...subject, ...files], { stdio: "ignore" });
    execFileSync("cp", [join(folder, "cert.pem"), join(folder, "ca.pem")]);
}

const engineHere = existsSync(usualSocket) ? `an engine has ${usualSocket}` : undefined;
describeUnless(engineHere)(
    "where only others find an engine, the line that names it to Pulumi is said",
    () => {
        test("for the context of the docker CLI", async () => {
            const own = await engineAt("own place/docker.sock");
            expect(await dockerFinding(dockerCli(own), settings())).toEqual({
                name: "docker",
                state: "failed",
                found: `an engine answers at ${own}, where the Pulumi docker provider does not look`,
                fix: `Name it with: export DOCKER_HOST='${own}'`,
            });
        });

        test.each([
            ["rootless Docker", "run/docker.sock"],
            ["Colima", ".colima/default/docker.sock"],
            ["Rancher Desktop", ".rd/docker.sock"],
            ["podman", "run/podman/podman.sock"],
        ])("for %s without a docker CLI", async (_, socket) => {
            const host = await engineAt(socket);
            const { fix } = await dockerFinding(noCli, settings());
            expect(fix).toBe(`Name it with: export DOCKER_HOST=${host}`);
        });

        test("for a usual place, where DOCKER_HOST names another", async () => {
            const host = await engineAt(".docker/run/docker.sock");
            const { found, fix } = await dockerFinding(noCli, settings({ DOCKER_HOST: "unix:///nowhere" }));
            expect(found).toBe(
                `an engine answers at ${host}, where the Pulumi docker provider does not look`,
            );
            expect(fix).toBe(`Name it with: export DOCKER_HOST=${host}`);
        });

        test("in the stack, where the stack names another", async () => {
            const host = await engineAt(".rd/docker.sock");
            const { fix } = await dockerFinding(noCli, settings({}, { host: "unix:///nowhere" }));
            expect(fix).toBe(`Name it with: pulumi config set docker:host ${host}`);
        });

        test("unless it answers there no more", async () => {
            const { found, fix } = await dockerFinding(dockerCli("unix:///nowhere"), settings());
            expect(found).toBe(`no engine answers at ${dockerHosts(settings()).hosts.join(", ")}`);
            expect(fix).toMatch(/^Start Docker/);
        });
    },
);

describe("an engine that keeps images in containerd", () => {
    test.each([
        ["failed", recorded.desktop],
        ["failed", { ...recorded.desktop, ServerVersion: "26.1.4" }],
        ["failed", { ...recorded.desktop, ServerVersion: "27.5.0-rc.1" }],
        ["good", recorded.mended],
        ["good", { ...recorded.mended, ServerVersion: "28.0.0-rc.1" }],
        ["good", recorded.newest],
        ["good", recorded.debian],
        ["good", { ...recorded.desktop, DriverStatus: null }],
    ])("%s: %j", async (state, info) => {
        const host = await engineAt("engine.sock", info);
        const finding = await dockerFinding(noCli, settings({ DOCKER_HOST: host }));
        expect(finding.state).toBe(state);
        if (state === "failed") {
            expect(finding.found).toContain("cannot take a build from Pulumi (moby#47717)");
            expect(finding.fix).toMatch(
                /Update Docker to 27\.5 or newer, or turn the containerd image store off/,
            );
        }
    });
});
