import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DockerEngine, unlessRefused } from "../../../docker/dockerEngine";
import { readCreateOptions } from "../createOptions";
import type { DesiredModule } from "../desiredModule";
import type { RuntimeOptions } from "../moduleRuntime";
import { bindSource, refusalOf } from "../refusalOf";
import { containerConfig } from "./containerConfig";
import type { ContainerGateway } from "./containerGateway";

/** The label by which edgelet marks its containers (`edgelet-docker`). */
const ownerLabel = { "net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent" };
/** The label that tells which device a container is of. */
export const deviceLabel = "edge-classifier.device";
/** The label that names a container's module. */
export const moduleLabel = "edge-classifier.module";

/** A container as the engine lists it. */
export interface FoundContainer {
    Id: string;
    State: string;
    Labels: Record<string, string>;
}

export type DeviceContainers = ReturnType<typeof deviceContainers>;

/** The containers of one device and their network. Both carry the device's label, by which they are found again. */
export function deviceContainers(options: RuntimeOptions & { gateway: ContainerGateway }) {
    const { folder, gateway } = options;
    /** Tells this device's containers from those of any other stack on the same engine. */
    const tag = createHash("sha256").update(folder).digest("hex").slice(0, 12);
    const network = networkOf(tag);
    const labels = { ...ownerLabel, [deviceLabel]: tag };

    async function ensureNetwork(engine: DockerEngine): Promise<void> {
        const body = { Name: network, CheckDuplicate: true, Driver: "bridge", Labels: labels };
        await unlessRefused([409], engine.call("POST", "/networks/create", { body }));
    }

    return {
        list(engine: DockerEngine): Promise<FoundContainer[]> {
            const filters = JSON.stringify({ label: [`${deviceLabel}=${tag}`] });
            return engine.call("GET", "/containers/json", { query: { all: "1", filters } });
        },
        /** Makes a module's container, in place of an older one, and returns its id. */
        async create(engine: DockerEngine, module: DesiredModule): Promise<string> {
            const { options: createOptions } = readCreateOptions({ createOptions: module.createOptions });
            const refusal = refusalOf(createOptions, join(folder, "storage"));
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
            const ask = { query: { name }, body };
            return (await engine.call<{ Id: string }>("POST", "/containers/create", ask)).Id;
        },
        /** Opens what a module's container was made to rely on; that has to be there each time that it runs. */
        async openReach(engine: DockerEngine, moduleId: string): Promise<void> {
            await gateway.open(engine);
            await options.workload(moduleId);
        },
        async removeNetwork(engine: DockerEngine): Promise<void> {
            await unlessRefused([404], engine.call("DELETE", `/networks/${network}`));
        },
    };
}

/** The network of the containers with a device's label. */
export function networkOf(tag: string): string {
    return `azure-iot-edge-${tag}`;
}

/** Removes a container by id or name, also while it runs, with its anonymous volumes. */
export async function removeContainer(engine: DockerEngine, id: string): Promise<void> {
    const query = { force: "1", v: "1" };
    await unlessRefused([404], engine.call("DELETE", `/containers/${id}`, { query }));
}

/** What the engine knows of a container; refuses with 404 for one that it does not have. */
export function inspectContainer(engine: DockerEngine, id: string): Promise<{ State: { ExitCode: number } }> {
    return engine.call("GET", `/containers/${id}/json`);
}
