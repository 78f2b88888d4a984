import { readFileSync } from "node:fs";
import { callManagement } from "../../../local/arm/managementCall";
import { logFile } from "../../../local/background";
import { changeRuntimeSettings } from "../../../local/runtimeSettings";
import {
    azure,
    create,
    newGroup,
    newNetwork,
    read,
    remove,
    removeGroup,
    update,
    useLocalAzure,
} from "./machineParts";

useLocalAzure();

const unfriendly = "unfriendly=1,hurry=100,arm=0.2,seed=8";
const faults = (plan: string) => changeRuntimeSettings(azure.stack.azure, { faults: { plan, given: plan } });

test("resources of an unfriendly Azure are made, changed and deleted, each answered when it is done", async () => {
    faults(unfriendly);
    const resourceGroupName = await newGroup();
    const hub = await create("iothub:IotHubResource", {
        resourceGroupName,
        resourceName: "hub-unfriendly",
        sku: { name: "S1", capacity: 1 },
    });
    expect(hub.outputs.properties).toMatchObject({
        provisioningState: "Succeeded",
        hostName: expect.stringMatching(/^localhost:/),
    });
    const vault = await create("keyvault:Vault", {
        resourceGroupName,
        vaultName: "vault-unfriendly",
        properties: { tenantId: "t", sku: { family: "A", name: "standard" }, accessPolicies: [] },
    });
    expect(vault.outputs.properties.provisioningState).toBe("Succeeded");
    await newNetwork(resourceGroupName);
    const changed = await update(hub, { sku: { name: "S1", capacity: 2 } });
    expect(changed).toMatchObject({ sku: { capacity: 2 }, properties: { state: "Active" } });
    await remove(hub);
    expect(await read(hub)).toMatchObject({ id: "" });
    await removeGroup(resourceGroupName);
    faults("none");
    const group = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${resourceGroupName}`;
    await expect(callManagement(azure.stack.azure, "GET", group)).rejects.toThrow("ResourceGroupNotFound");
    expect(readFileSync(logFile(azure.stack.azure), "utf8")).toContain("fault of ARM, throttled: ");
});
