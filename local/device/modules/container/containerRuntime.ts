import type { Collection } from "../../../base/store";
import { type DockerEngine, DockerError, unlessRefused } from "../../../docker/dockerEngine";
import { readCreateOptions } from "../createOptions";
import type { DesiredModule } from "../desiredModule";
import { checkPort, hostPorts } from "../hostPorts";
import type { DeviceImage, ModuleRuntime, RunningModule, RuntimeOptions } from "../moduleRuntime";
import type { ContainerGateway } from "./containerGateway";
import { containerImages } from "./containerImages";
import {
    type DeviceContainers,
    deviceContainers,
    type FoundContainer,
    inspectContainer,
    removeContainer,
} from "./deviceContainers";
import { runningContainer } from "./runningContainer";
import { takeUpContainers } from "./takeUpContainers";

export interface ContainerRuntimeOptions extends RuntimeOptions {
    /** The Docker engine of this machine; undefined when there is none now. */
    engine(): DockerEngine | undefined;
    gateway: ContainerGateway;
    pulled: Collection<DeviceImage>;
}

/** Runs modules as containers of a Docker engine. */
export function containerRuntime(options: ContainerRuntimeOptions): ModuleRuntime {
    const { log } = options;
    const findEngine = () => options.engine() ?? noEngine();
    const { noteLost, hasAny, ...images } = containerImages(findEngine, options.pulled);
    const containers = deviceContainers(options);
    let isOn = true;

    /** The engine and this device's containers. It is a fault that the engine is away only where it is needed. */
    async function look(
        isNeeded: boolean,
    ): Promise<{ engine: DockerEngine; found: FoundContainer[] } | undefined> {
        try {
            const engine = findEngine();
            return { engine, found: await containers.list(engine) };
        } catch (error) {
            if (isNeeded) throw error;
            return undefined;
        }
    }

    function follow(engine: DockerEngine, id: string, moduleId: string): RunningModule {
        return runningContainer(engine, id, options.logFile(moduleId), (error) => {
            if (isOn) log(`the log of ${moduleId} cannot be followed: ${error.message}`);
        });
    }

    return {
        kind: "container",
        ...images,
        create: async (module) => ({ container: await containers.create(findEngine(), module) }),
        async start({ desired, container, digest }, note) {
            const engine = findEngine();
            const { options: createOptions } = readCreateOptions({ createOptions: desired.createOptions });
            for (const port of hostPorts(createOptions)) await checkPort(port, desired.name);
            try {
                const id = await startContainer(engine, containers, desired, container, log);
                note({ container: id });
                return follow(engine, id, desired.name);
            } catch (error) {
                if (error instanceof DockerError && /no such image/i.test(error.message)) noteLost(digest);
                throw error;
            }
        },
        async remove({ container }) {
            if (container) await removeContainer(findEngine(), container);
        },
        async takeUp(records) {
            const known = records.filter(({ container }) => container !== undefined);
            const here = await look(known.length > 0);
            if (!here) return new Map();
            const { engine, found } = here;
            const takeUp = async (id: string, moduleId: string) => {
                await containers.openReach(engine, moduleId);
                return follow(engine, id, moduleId);
            };
            return takeUpContainers(engine, found, known, takeUp, log);
        },
        async erase() {
            isOn = false;
            const isNeeded = hasAny();
            const here = await look(isNeeded);
            if (!here) return;
            for (const { Id } of here.found) await removeContainer(here.engine, Id);
            await images.keepOnly(new Set());
            await containers.removeNetwork(here.engine).catch((error: unknown) => {
                if (isNeeded) throw error;
            });
        },
    };
}

/** Starts a module's container and returns its id; one that somebody removed is made anew. */
async function startContainer(
    engine: DockerEngine,
    containers: DeviceContainers,
    module: DesiredModule,
    known: string | undefined,
    log: (line: string) => void,
): Promise<string> {
    const run = async (id: string): Promise<string> => {
        await containers.openReach(engine, module.name);
        await engine.call("POST", `/containers/${id}/start`);
        return id;
    };
    const id = known || (await containers.create(engine, module));
    try {
        return await run(id);
    } catch (error) {
        if (!(error instanceof DockerError) || error.status !== 404) throw error;
        // A missing network or image is a 404 as well; then the container is still there.
        if (await unlessRefused([404], inspectContainer(engine, id))) throw error;
        log(`the container of ${module.name} is gone (${error.message}): making it anew`);
        return run(await containers.create(engine, module));
    }
}

function noEngine(): never {
    throw new Error(
        "Expected a Docker engine for modules that run as containers, found none: DOCKER_HOST names no other socket and " +
            "/var/run/docker.sock is not there. Start one, or run modules as processes: npm run edge -- local up --runtime process",
    );
}
