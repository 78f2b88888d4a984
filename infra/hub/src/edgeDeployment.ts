import { isDeepStrictEqual } from "node:util";
import { hubMoved } from "./edgeDevice";
import { type HubClient, hubClient, isNotFound } from "./hubClient";

/** Per module, the desired properties that the manifest sets. */
export type ModulesContent = Record<string, { "properties.desired": Record<string, unknown> }>;

/** What the stack asks for: this manifest on this device. */
export interface EdgeDeploymentInputs {
    hubConnectionString: string;
    deviceId: string;
    manifest: { modulesContent: ModulesContent };
}

interface Twin {
    properties?: { desired?: Record<string, unknown> };
}

/** Compares the manifests field by field; another device or hub is another deployment. */
export async function diff(_id: string, olds: EdgeDeploymentInputs, news: EdgeDeploymentInputs) {
    const replaces: string[] = [];
    if (olds.deviceId !== news.deviceId) replaces.push("deviceId");
    if (hubMoved(olds.hubConnectionString, news.hubConnectionString)) replaces.push("hubConnectionString");
    const changes =
        replaces.length > 0 ||
        olds.hubConnectionString !== news.hubConnectionString ||
        !isDeepStrictEqual(olds.manifest, news.manifest);
    return { changes, replaces, deleteBeforeReplace: false };
}

/** Puts the manifest on the device. */
export async function create(inputs: EdgeDeploymentInputs) {
    await apply(inputs, inputs.manifest.modulesContent);
    return { id: inputs.deviceId, outs: onlyInputs(inputs) };
}

/** Puts the new manifest on the device; it replaces the old one whole. */
export async function update(_id: string, olds: EdgeDeploymentInputs, news: EdgeDeploymentInputs) {
    const { modulesContent } = news.manifest;
    await apply(news, { ...emptiedTwins(olds.manifest.modulesContent, modulesContent), ...modulesContent });
    return { outs: onlyInputs(news) };
}

/** Reads the desired properties back, so that an edit made elsewhere shows as a difference after a refresh. */
export async function read(id: string, props: EdgeDeploymentInputs) {
    const hub = hubClient(props.hubConnectionString);
    const modulesContent: ModulesContent = {};
    for (const moduleId of Object.keys(props.manifest.modulesContent)) {
        const desired = await desiredProperties(hub, id, moduleId);
        if (desired) modulesContent[moduleId] = { "properties.desired": desired };
    }
    if (!("$edgeAgent" in modulesContent)) return { id: "", props: {} };
    const { hubConnectionString, deviceId } = props;
    const found = { hubConnectionString, deviceId, manifest: { modulesContent } };
    return { id, props: found, inputs: found };
}

/** Takes the modules off the device and leaves its runtime; a device that is gone needs nothing taken off. */
export async function remove(_id: string, props: EdgeDeploymentInputs): Promise<void> {
    await apply(props, withoutModules(props.manifest.modulesContent)).catch((error) => {
        if (!isNotFound(error)) throw error;
    });
}

async function apply(inputs: EdgeDeploymentInputs, modulesContent: ModulesContent): Promise<void> {
    await hubClient(inputs.hubConnectionString)({
        method: "POST",
        path: `/devices/${encodeURIComponent(inputs.deviceId)}/applyConfigurationContent`,
        body: { modulesContent },
    });
}

async function desiredProperties(hub: HubClient, deviceId: string, moduleId: string) {
    const path = `/twins/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`;
    const twin = await hub<Twin>({ method: "GET", path }).catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
    });
    if (!twin?.properties?.desired) return undefined;
    const { $metadata, $version, ...desired } = twin.properties.desired;
    // A manifest that was never applied leaves an empty desired section behind.
    return Object.keys(desired).length > 0 ? desired : undefined;
}

/** A module that stays keeps the desired properties that a manifest does not name, so those that are gone are emptied. */
function emptiedTwins(olds: ModulesContent, news: ModulesContent): ModulesContent {
    const modules = (news.$edgeAgent?.["properties.desired"].modules ?? {}) as object;
    const emptied = Object.keys(olds).filter((moduleId) => !(moduleId in news) && moduleId in modules);
    return Object.fromEntries(emptied.map((moduleId) => [moduleId, { "properties.desired": {} }]));
}

function withoutModules(content: ModulesContent): ModulesContent {
    const agent = content.$edgeAgent?.["properties.desired"] ?? {};
    const hub = content.$edgeHub?.["properties.desired"] ?? {};
    const runtime = agent.runtime as { type?: string; settings?: Record<string, unknown> } | undefined;
    const { registryCredentials, ...settings } = runtime?.settings ?? {};
    return {
        $edgeAgent: { "properties.desired": { ...agent, runtime: { ...runtime, settings }, modules: {} } },
        $edgeHub: { "properties.desired": { ...hub, routes: {} } },
    };
}

function onlyInputs({ hubConnectionString, deviceId, manifest }: EdgeDeploymentInputs): EdgeDeploymentInputs {
    return { hubConnectionString, deviceId, manifest };
}
