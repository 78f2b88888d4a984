import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Collection } from "../../../base/store";
import { type DockerEngine, DockerError } from "../../../docker/dockerEngine";
import { registryAuth } from "../../../docker/registryAuth";
import type { DesiredModule } from "../../agent/deployment";
import { hostPorts, readCreateOptions } from "../createOptions";
import { imageName } from "../imageReference";
import type { DeviceImage, LeftModule, ModuleRuntime, RunningModule } from "../moduleRuntime";
import type { RuntimeOptions } from "../process/processRuntime";
import { checkPort } from "../process/processSpec";
import { bindSource, refusalOf } from "../refusalOf";
import { containerConfig } from "./containerConfig";
import type { ContainerGateway } from "./containerGateway";
import { followLog } from "./containerLog";

/** An image that the device pulled into the engine; its key is the name it was pulled by. */
export type PulledImage = DeviceImage;

export interface ContainerRuntimeOptions extends RuntimeOptions {
    /** The engine as it is found now; throws a sentence when there is none. */
    engine(): DockerEngine;
    gateway: ContainerGateway;
    pulled: Collection<PulledImage>;
}

/** What edgelet marks its containers with (`edgelet-docker`). */
const ownerLabel = { "net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent" };
const deviceLabel = "edge-classifier.device";
const moduleLabel = "edge-classifier.module";

interface Found {
    Id: string;
    State: string;
    Labels: Record<string, string>;
}

/** Runs modules as containers of a Docker engine. Everything of a device carries its label, by which it is found again. */
export function containerRuntime(options: ContainerRuntimeOptions): ModuleRuntime {
    const { folder, pulled, gateway, log } = options;
    /** Tells this device's containers from those of any other stack on the same engine. */
    const tag = createHash("sha256").update(folder).digest("hex").slice(0, 12);
    const network = `azure-iot-edge-${tag}`;
    const labels = { ...ownerLabel, [deviceLabel]: tag };
    const storage = join(folder, "storage");
    /** Digests of images that turned out to be gone. */
    const lost = new Set<string>();
    let isOn = true;

    async function inspectImage(engine: DockerEngine, name: string, repository: string) {
        const { Id, RepoDigests } = await engine.call<{ Id: string; RepoDigests: string[] | null }>(
            "GET",
            `/images/${name}/json`,
        );
        const own = RepoDigests?.find((each) => each.startsWith(`${repository}@`));
        return own === undefined ? undefined : { imageHash: Id, digest: own.slice(own.indexOf("@") + 1) };
    }

    async function createContainer(module: DesiredModule): Promise<string> {
        const engine = options.engine();
        const { options: createOptions } = readCreateOptions({ createOptions: module.createOptions });
        const refusal = refusalOf(createOptions, storage);
        if (refusal) throw new Error(`${refusal}.`);
        for (const bind of createOptions.HostConfig?.Binds ?? []) {
            const source = bindSource(bind);
            if (source?.startsWith("/")) mkdirSync(source, { recursive: true });
        }
        await ensureNetwork(engine);
        const name = `edge-${tag}-${module.name}`;
        await removeContainer(engine, name);
        const body = containerConfig(module, createOptions, options.identity(module.name), {
            labels: { ...labels, [moduleLabel]: module.name },
            network,
            gateway: await gateway.open(engine),
            workload: await options.workload(module.name),
        });
        const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
            query: { name },
            body,
        });
        return Id;
    }

    async function ensureNetwork(engine: DockerEngine): Promise<void> {
        const body = { Name: network, CheckDuplicate: true, Driver: "bridge", Labels: labels };
        await unless([409], engine.call("POST", "/networks/create", { body }));
    }

    async function containers(engine: DockerEngine): Promise<Found[]> {
        const filters = JSON.stringify({ label: [`${deviceLabel}=${tag}`] });
        return engine.call("GET", "/containers/json", { query: { all: "1", filters } });
    }

    /** What the container was made to rely on has to be there each time that it runs. */
    async function openReach(engine: DockerEngine, name: string): Promise<void> {
        await gateway.open(engine);
        await options.workload(name);
    }

    async function startContainer(engine: DockerEngine, id: string, name: string): Promise<void> {
        await openReach(engine, name);
        await engine.call("POST", `/containers/${id}/start`);
    }

    function running(engine: DockerEngine, id: string, name: string): RunningModule {
        const file = join(folder, "logs", `${name}.log`);
        followLog(engine, id, file).catch((error: Error) => {
            if (isOn) log(`the log of ${name} cannot be followed: ${error.message}`);
        });
        return {
            title: `container ${id.slice(0, 12)}`,
            exited: whenExited(engine, id),
            async stop() {
                // Without a time of our own, StopTimeout of the options counts, otherwise ten seconds.
                await unless([304, 404], engine.call("POST", `/containers/${id}/stop`));
            },
        };
    }

    return {
        kind: "container",

        async findImage(reference) {
            try {
                const repository = `${reference.server}/${reference.repository}`;
                return await inspectImage(options.engine(), imageName(reference), repository);
            } catch (error) {
                if (error instanceof DockerError && error.status === 404) return undefined;
                throw error;
            }
        },

        hasImage: (digest) => !lost.has(digest),

        async pull(reference, account, signal) {
            const engine = options.engine();
            const name = imageName(reference);
            const progress = { query: { fromImage: name }, headers: registryAuth(account), signal };
            await engine.follow("POST", "/images/create", progress, () => {});
            const image = await inspectImage(engine, name, `${reference.server}/${reference.repository}`);
            if (!image) throw new Error(`The engine pulled ${name} and does not name its digest.`);
            lost.delete(image.digest);
            pulled.put(name, image);
            return image;
        },

        async keepOnly(digests) {
            for (const [name, { digest }] of pulled.entries()) {
                if (digests.has(digest)) continue;
                // Another device's container may need it.
                await unless([404, 409], options.engine().call("DELETE", `/images/${name}`));
                pulled.remove(name);
            }
        },

        async create(module) {
            return { container: await createContainer(module) };
        },

        async start({ desired, container, digest }, note) {
            const engine = options.engine();
            const { options: createOptions } = readCreateOptions({ createOptions: desired.createOptions });
            for (const port of hostPorts(createOptions)) await checkPort(port, desired.name);
            try {
                let id = container || (await createContainer(desired));
                try {
                    await startContainer(engine, id, desired.name);
                } catch (error) {
                    // Somebody removed it: a device makes its module anew. A missing network or image is a 404, too.
                    if (!(error instanceof DockerError) || error.status !== 404) throw error;
                    if (await exists(engine, id)) throw error;
                    log(`the container of ${desired.name} is gone (${error.message}): making it anew`);
                    id = await createContainer(desired);
                    await startContainer(engine, id, desired.name);
                }
                note({ container: id });
                return running(engine, id, desired.name);
            } catch (error) {
                if (error instanceof DockerError && /no such image/i.test(error.message)) lost.add(digest);
                throw error;
            }
        },

        async remove({ container }) {
            if (container) await removeContainer(options.engine(), container);
        },

        async takeUp(records) {
            const left = new Map<string, LeftModule>();
            const known = records.filter(({ container }) => container !== undefined);
            const engine = known.length > 0 ? options.engine() : attempt(options.engine);
            if (!engine) return left;
            const found = await containers(engine).catch((error: unknown) => {
                if (known.length > 0) throw error;
                return [];
            });
            for (const { Id, State, Labels } of found) {
                const record = known.find(({ desired }) => desired.name === Labels[moduleLabel]);
                if (record?.container !== Id) {
                    await removeContainer(engine, Id);
                    log(`removed a container of ${Labels[moduleLabel]} that nobody knew`);
                } else if (State === "running") {
                    await openReach(engine, record.desired.name);
                    left.set(record.desired.name, { running: running(engine, Id, record.desired.name) });
                } else if (record.runtimeStatus === "running") {
                    left.set(record.desired.name, { exitCode: await exitCodeOf(engine, Id) });
                }
            }
            for (const { desired, container, runtimeStatus } of known) {
                const isGone = !found.some(({ Id }) => Id === container);
                if (isGone && runtimeStatus === "running") left.set(desired.name, { ended: true });
            }
            return left;
        },

        async erase() {
            isOn = false;
            const hasAny = pulled.entries().length > 0;
            const engine = hasAny ? options.engine() : attempt(options.engine);
            if (!engine) return;
            const found = await containers(engine).catch((error: unknown) => {
                if (hasAny) throw error;
                return [];
            });
            for (const { Id } of found) await removeContainer(engine, Id);
            for (const [name] of pulled.entries()) {
                await unless([404, 409], engine.call("DELETE", `/images/${name}`));
                pulled.remove(name);
            }
            await unless([404], engine.call("DELETE", `/networks/${network}`)).catch((error: unknown) => {
                if (hasAny) throw error;
            });
        },
    };
}

async function exists(engine: DockerEngine, id: string): Promise<boolean> {
    return (await unless([404], engine.call("GET", `/containers/${id}/json`))) !== undefined;
}

async function removeContainer(engine: DockerEngine, id: string): Promise<void> {
    await unless([404], engine.call("DELETE", `/containers/${id}`, { query: { force: "1", v: "1" } }));
}

/** The engine's answer; undefined for a refusal with one of these codes, which says that there was nothing to do. */
async function unless<T>(codes: number[], answer: Promise<T>): Promise<T | undefined> {
    try {
        return await answer;
    } catch (error) {
        if (error instanceof DockerError && codes.includes(error.status)) return undefined;
        throw error;
    }
}

/** Waits for the end of a container, also across a restart of the engine. One that is gone was killed. */
async function whenExited(engine: DockerEngine, id: string): Promise<number> {
    for (;;) {
        try {
            const { StatusCode } = await engine.call<{ StatusCode: number }>(
                "POST",
                `/containers/${id}/wait`,
            );
            return StatusCode;
        } catch (error) {
            if (error instanceof DockerError && error.status === 404) return 137;
            await sleep(500);
        }
    }
}

async function exitCodeOf(engine: DockerEngine, id: string): Promise<number> {
    const { State } = await engine.call<{ State: { ExitCode: number } }>("GET", `/containers/${id}/json`);
    return State.ExitCode;
}

function attempt<T>(work: () => T): T | undefined {
    try {
        return work();
    } catch {
        return undefined;
    }
}
