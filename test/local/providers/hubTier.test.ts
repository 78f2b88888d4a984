import { readFileSync } from "node:fs";
import { request } from "node:https";
import { readEndpoints } from "../../../local/endpoints";
import { signSas } from "../../../local/planes/sas";
import { until } from "../../support/waiting";
import { inAnHour } from "../planes/hub/testHub";
import { azure, create, newGroup, plugin, update, useLocalAzure } from "./machineParts";

useLocalAzure();

test("a hub takes as many calls as its tier and units allow, also when it is scaled", async () => {
    const resourceGroupName = await newGroup();
    const scale = (capacity: number) => ({ sku: { name: "S1", capacity } });
    const hub = await create("iothub:IotHubResource", {
        resourceGroupName,
        resourceName: "hub-tier",
        ...scale(1),
    });
    const { hostName } = hub.outputs.properties;
    const { primaryKey } = await plugin.invoke("azure-native:iothub:listIotHubResourceKeysForKeyName", {
        keyName: "iothubowner",
        resourceGroupName,
        resourceName: "hub-tier",
    });
    const sas = { resource: hostName, key: String(primaryKey), policy: "iothubowner", expiresAt: inAnHour() };
    const Authorization = signSas(sas);
    const ca = readFileSync(readEndpoints(azure.stack.azure).caFile);
    const configurations = () =>
        new Promise<number>((resolve, reject) => {
            const url = `https://${hostName}/configurations?api-version=2021-04-12`;
            request(url, { ca, agent: false, headers: { Authorization } }, (response) => {
                response.resume();
                resolve(response.statusCode ?? 0);
            })
                .on("error", reject)
                .end();
        });
    /** How many are taken at once; a slow machine lets the hub take some more meanwhile. */
    const taken = async () => {
        const statuses = await Promise.all(Array.from({ length: 100 }, configurations));
        return statuses.filter((status) => status === 200).length;
    };
    const first = await taken();
    expect(first).toBeGreaterThanOrEqual(20);
    expect(first).toBeLessThan(60);
    // Its buckets fill by time, 666 a second now.
    await update(hub, scale(2000));
    await until("all calls to be taken", async () => (await taken()) === 100);
});
