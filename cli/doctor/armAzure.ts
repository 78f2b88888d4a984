import { ArmError } from "../../infra/provider/azure/armError";
import type { AzureAccount } from "../../infra/provider/azure/azureAccount";
import type { Azure, VmSize } from "./azure";

// Paths, versions and shapes: Azure REST API reference, azure-rest-api-specs.
interface Sku {
    resourceType: string;
    name: string;
    family?: string;
    capabilities?: { name: string; value: string }[];
    restrictions?: { type: string; reasonCode?: string }[];
}
interface List<T> {
    value: T[];
    nextLink?: string;
}

/** The versions in which a resource that exists is asked for. */
const versions: Readonly<Record<string, string>> = {
    "microsoft.devices": "2023-06-30",
    "microsoft.containerregistry": "2023-07-01",
    "microsoft.network": "2024-05-01",
};

/** The pre-flight's questions as calls of ARM in one subscription. */
export function armAzure(subscriptionId: string, { callArm }: Pick<AzureAccount, "callArm">): Azure {
    const root = `/subscriptions/${subscriptionId}`;
    const ask = <T>(path: string, apiVersion: string) => callArm<T>({ method: "GET", path, apiVersion });
    const get = <T>(path: string, version: string) => ask<T>(`${root}${path}`, version);
    const list = async <T>(path: string, version: string): Promise<T[]> => {
        let page = await get<List<T>>(path, version);
        const found = [...page.value];
        while (page.nextLink) {
            const next = new URL(page.nextLink);
            // It names the version as we do.
            const query = next.search
                .slice(1)
                .split("&")
                .filter((part) => !part.startsWith("api-version="));
            page = await ask<List<T>>(`${next.pathname}?${query.join("&")}`, version);
            found.push(...page.value);
        }
        return found;
    };
    const compute = (region: string) => `/providers/Microsoft.Compute/locations/${region}`;

    return {
        async subscription() {
            const found = await get<{ displayName: string; state: string }>("", "2022-12-01");
            return { name: found.displayName, state: found.state };
        },
        async regions() {
            return (await list<{ name: string }>("/locations", "2022-12-01")).map(({ name }) => name);
        },
        async providerState(namespace) {
            const found = await get<{ registrationState: string }>(`/providers/${namespace}`, "2021-04-01");
            return found.registrationState;
        },
        async resourceGroup(name) {
            return orNothing(get<{ location: string }>(`/resourceGroups/${name}`, "2021-04-01"));
        },
        async isThere(id) {
            const namespace = id.split("/")[6]?.toLowerCase() ?? "";
            return (await orNothing(ask<object>(id, versions[namespace] ?? ""))) !== undefined;
        },
        async hubs() {
            const path = "/providers/Microsoft.Devices/IotHubs";
            const found = await list<{ name: string; sku: { name: string } }>(path, "2023-06-30");
            return found.map(({ name, sku }) => ({ name, sku: sku.name }));
        },
        async vmSize(region, size) {
            const filter = encodeURIComponent(`location eq '${region}'`);
            const skus = await list<Sku>(`/providers/Microsoft.Compute/skus?$filter=${filter}`, "2021-07-01");
            const isWanted = (sku: Sku) =>
                sku.resourceType === "virtualMachines" && sku.name.toLowerCase() === size.toLowerCase();
            const found = skus.find(isWanted);
            return found && vmSize(found);
        },
        async computeQuotas(region) {
            const path = `${compute(region)}/usages`;
            const found = await list<{ name: { value: string }; currentValue: number; limit: number }>(
                path,
                "2024-07-01",
            );
            return new Map(
                found.map(({ name, currentValue, limit }) => [name.value, { used: currentValue, limit }]),
            );
        },
        async isDnsLabelFree(region, label) {
            const path = `/providers/Microsoft.Network/locations/${region}/CheckDnsNameAvailability`;
            const found = await get<{ available: boolean }>(
                `${path}?domainNameLabel=${encodeURIComponent(label)}`,
                "2024-05-01",
            );
            return found.available;
        },
    };
}

/** Undefined for what is not there. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (error instanceof ArmError && error.status === 404) return undefined;
        throw error;
    }
}

function vmSize({ family = "", capabilities = [], restrictions = [] }: Sku): VmSize {
    const cores = Number(capabilities.find(({ name }) => name === "vCPUs")?.value ?? 0);
    const restriction = restrictions.find(({ type }) => type === "Location")?.reasonCode;
    return { family, cores, restriction };
}
