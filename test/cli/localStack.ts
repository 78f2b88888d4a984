import { randomBytes } from "node:crypto";
import { startLocalAzure } from "../../local/background";
import { createStackFolder, stackFolder } from "../../local/engine/stackFolder";
import { resetLocalStack } from "../../local/localStack";
import { startPlugin, type TestPlugin, urnOf } from "../support/plugin";
import { project } from "./edge";

/** A local stack of this project, with one hub, for commands that are spawned with its name. */
export interface CommandStack {
    readonly stack: string;
    readonly plugin: TestPlugin;
    remove(): Promise<void>;
}

/** Starts a local Azure as `local start` does, under a name of its own. */
export async function startCommandStack(): Promise<CommandStack> {
    const stack = `test-${randomBytes(4).toString("hex")}`;
    const folder = stackFolder(project, stack, process.env);
    createStackFolder(folder);
    await startLocalAzure(folder);
    const plugin = await startPlugin("azure-native", "3.28.0", folder.azure);
    await plugin.configure({ "azure-native:config:location": "West Europe" });
    return {
        stack,
        plugin,
        async remove() {
            await plugin.stop();
            await resetLocalStack(folder);
        },
    };
}

/** Makes a group with a hub in it, as a stack of the program has them. */
export async function createHub({ plugin }: CommandStack): Promise<string> {
    const create = async (type: string, news: Record<string, unknown>) => {
        const urn = urnOf(`azure-native:${type}`, "it");
        const { inputs, failures } = await plugin.check(urn, news);
        if (failures.length > 0) throw new Error(failures.join("\n"));
        return (await plugin.create(urn, inputs)).properties;
    };
    await create("resources:ResourceGroup", { resourceGroupName: "rg" });
    const hub = await create("iothub:IotHubResource", {
        resourceGroupName: "rg",
        resourceName: "hub1",
        sku: { name: "S1", capacity: 1 },
        properties: {
            authorizationPolicies: [
                { keyName: "reader", rights: "RegistryRead" },
                { keyName: "sender", rights: "RegistryWrite, ServiceConnect, DeviceConnect" },
                { keyName: "service", rights: "RegistryRead, ServiceConnect" },
                { keyName: "owner", rights: "RegistryRead, RegistryWrite, ServiceConnect" },
            ],
        },
    });
    return String((hub.properties as { hostName?: string } | undefined)?.hostName ?? "");
}
