import type { z } from "zod";
import { type CheckFailure, isObject, type Properties } from "../../../provider-protocol/provider";
import { defineResource, type Work } from "../resourceType";
import type { ServiceClient } from "../service/serviceClient";
import { found, isNotFound } from "../service/serviceError";
import { deploymentSchema } from "./deploymentSchema";
import { hidePasswords } from "./hidePasswords";
import { manifestProblems } from "./manifestProblems";
import { waitForRemoval } from "./waitForRemoval";

type Inputs = z.output<typeof deploymentSchema.inputs>;
type Outputs = z.output<typeof deploymentSchema.outputs>;

/** Per module, the desired properties that the manifest sets. */
type ModulesContent = Record<string, Record<string, Properties>>;

interface Twin {
    properties?: { desired?: Properties };
}

const desiredSection = "properties.desired";

export const deployment = defineResource(deploymentSchema, {
    check: ({ manifest }: Partial<Inputs>): CheckFailure[] =>
        manifest ? manifestProblems(manifest).map((reason) => ({ property: "manifest", reason })) : [],

    async create(inputs: Inputs, work: Work) {
        const hub = await work.service();
        await apply(hub, inputs.deviceId, modulesContentOf(inputs));
        return { hubHostName: hub.hostName };
    },

    /** Reads the desired properties back, so that an edit made elsewhere shows as a difference after a refresh. */
    async read(named: Inputs, before: (Inputs & Outputs) | undefined, work: Work) {
        const hub = await work.service();
        const modulesContent = await readModules(hub, named.deviceId, before && modulesContentOf(before));
        if (!("$edgeAgent" in modulesContent)) return undefined;
        return {
            inputs: { ...named, manifest: { ...named.manifest, modulesContent } },
            outputs: { hubHostName: hub.hostName },
        };
    },

    /** The new manifest replaces the old one whole. */
    async update(before: Inputs & Outputs, news: Inputs, work: Work) {
        const hub = await work.service();
        const content = modulesContentOf(news);
        await apply(hub, news.deviceId, { ...emptiedTwins(modulesContentOf(before), content), ...content });
        return { hubHostName: hub.hostName };
    },

    /** Takes the modules off the device and leaves its runtime; tells what the device did not confirm. */
    async delete(before: Inputs, work: Work) {
        const hub = await work.service();
        await apply(hub, before.deviceId, withoutModules(modulesContentOf(before)));
        const unconfirmed = await waitForRemoval(hub, before.deviceId);
        if (unconfirmed) work.say(unconfirmed);
    },

    hide: hidePasswords,
});

function modulesContentOf({ manifest }: Inputs): ModulesContent {
    return (manifest?.modulesContent ?? {}) as ModulesContent;
}

/** The modules that edgeAgent runs beside its own two. */
function modulesOf(content: ModulesContent): Properties {
    const modules = content.$edgeAgent?.[desiredSection]?.modules;
    return isObject(modules) ? modules : {};
}

async function apply(hub: ServiceClient, deviceId: string, modulesContent: ModulesContent): Promise<void> {
    await hub
        .call({
            method: "POST",
            path: `/devices/${encodeURIComponent(deviceId)}/applyConfigurationContent`,
            body: { modulesContent },
        })
        .catch((error) => {
            if (isNotFound(error))
                error.message += ` The device "${deviceId}" has to be in the hub before its deployment.`;
            throw error;
        });
}

/** The twins of the modules that the stack's manifest names; of a deployment that is imported, all that have any. */
async function readModules(
    hub: ServiceClient,
    deviceId: string,
    before: ModulesContent | undefined,
): Promise<ModulesContent> {
    const content: ModulesContent = {};
    const read = async (moduleId: string) => {
        const desired = await desiredProperties(hub, deviceId, moduleId);
        // A manifest that was never applied, or sets nothing of the module, leaves an empty desired section behind.
        const isSet = desired && Object.keys(desired).length > 0;
        if (isSet || (desired && before && setsNothing(before, moduleId)))
            content[moduleId] = { [desiredSection]: desired };
    };
    if (before) {
        for (const moduleId of Object.keys(before)) await read(moduleId);
        return content;
    }
    await read("$edgeAgent");
    await read("$edgeHub");
    for (const moduleId of Object.keys(modulesOf(content))) await read(moduleId);
    return content;
}

async function desiredProperties(
    hub: ServiceClient,
    deviceId: string,
    moduleId: string,
): Promise<Properties | undefined> {
    const path = `/twins/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`;
    const twin = await found(hub.call<Twin>({ method: "GET", path }));
    if (!twin?.properties?.desired) return undefined;
    const { $metadata, $version, ...desired } = twin.properties.desired;
    return desired;
}

function setsNothing(content: ModulesContent, moduleId: string): boolean {
    return Object.keys(content[moduleId]?.[desiredSection] ?? {}).length === 0;
}

/** A module that stays keeps the desired properties that a manifest does not name, so those that are gone are emptied. */
function emptiedTwins(before: ModulesContent, news: ModulesContent): ModulesContent {
    const stay = Object.keys(modulesOf(news));
    const emptied = Object.keys(before).filter((moduleId) => !(moduleId in news) && stay.includes(moduleId));
    return Object.fromEntries(emptied.map((moduleId) => [moduleId, { [desiredSection]: {} }]));
}

function withoutModules(content: ModulesContent): ModulesContent {
    const agent = content.$edgeAgent?.[desiredSection] ?? {};
    const hub = content.$edgeHub?.[desiredSection] ?? {};
    const runtime = agent.runtime as { settings?: Properties } | undefined;
    const { registryCredentials, ...settings } = runtime?.settings ?? {};
    return {
        $edgeAgent: { [desiredSection]: { ...agent, runtime: { ...runtime, settings }, modules: {} } },
        $edgeHub: { [desiredSection]: { ...hub, routes: {} } },
    };
}
