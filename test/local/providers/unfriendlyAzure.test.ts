import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { callManagement } from "../../../local/arm/managementCall";
import { logFile } from "../../../local/background";
import { readEndpoints } from "../../../local/endpoints";
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

test("a hub that was made a moment ago is not active, and a renewed password opens its registry later", async () => {
    faults("unfriendly=1,hurry=20,arm=0,seed=8");
    const resourceGroupName = await newGroup();
    const sku = { name: "S1", capacity: 1 };
    const hub = await create("iothub:IotHubResource", { resourceGroupName, resourceName: "hub-young", sku });
    const { createdAt } = hub.outputs.systemData;
    expect((await update(hub, { tags: { a: "b" } })).systemData).toMatchObject({ createdAt });
    const asked = async () => {
        const url = `https://${hub.outputs.properties.hostName}/devices?api-version=2021-04-12`;
        const code = `fetch(${JSON.stringify(url)}).then(({ headers }) => console.log(headers.get("iothub-errorcode")))`;
        const env = { ...process.env, NODE_EXTRA_CA_CERTS: readEndpoints(azure.stack.azure).caFile };
        return (await promisify(execFile)(process.execPath, ["-e", code], { env })).stdout.trim();
    };
    // Which of the two it is depends on how long all that took.
    expect(await asked()).toMatch(/^IotHubNot(Active|Found)$/);
    const registry = await create("containerregistry:Registry", {
        resourceGroupName,
        registryName: "registryyoung",
        sku: { name: "Basic" },
    });
    const place = { resourceGroupName, registryName: "registryyoung" };
    const scope = await create("containerregistry:ScopeMap", {
        ...place,
        scopeMapName: "reads",
        actions: ["repositories/app/content/read"],
    });
    const token = await create("containerregistry:Token", {
        ...place,
        tokenName: "puller",
        scopeMapId: scope.id,
    });
    const renewed = async () => {
        const { passwords } = await callManagement<{ passwords: { value: string }[] }>(
            azure.stack.azure,
            "POST",
            `${registry.id}/generateCredentials`,
            { tokenId: token.id, name: "password1" },
        );
        const basic = Buffer.from(`puller:${passwords[0]?.value}`).toString("base64");
        const headers = { Authorization: `Basic ${basic}`, Connection: "close" };
        return (await fetch(`http://${registry.outputs.loginServer}/v2/`, { headers })).status;
    };
    expect(await renewed()).toBe(200);
    expect(await renewed()).toBe(401);
    await removeGroup(resourceGroupName);
    faults("none");
});
