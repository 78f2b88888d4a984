import type { Azure, VmSize } from "./azure";

/** One call of ARM's REST interface: answers the parsed body, or throws what was refused. */
export type ArmCall = (method: "GET" | "POST", path: string, body?: unknown) => Promise<unknown>;

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

/** The pre-flight's questions as calls of ARM in one subscription. */
export function armAzure(subscriptionId: string, call: ArmCall): Azure {
    const root = `/subscriptions/${subscriptionId}`;
    const get = async <T>(path: string, version: string) =>
        (await call("GET", `${root}${path}${path.includes("?") ? "&" : "?"}api-version=${version}`)) as T;
    const list = async <T>(path: string, version: string): Promise<T[]> => {
        let page = await get<List<T>>(path, version);
        const found = [...page.value];
        while (page.nextLink) {
            const { pathname, search } = new URL(page.nextLink);
            page = (await call("GET", `${pathname}${search}`)) as List<T>;
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

function vmSize({ family = "", capabilities = [], restrictions = [] }: Sku): VmSize {
    const cores = Number(capabilities.find(({ name }) => name === "vCPUs")?.value ?? 0);
    const restriction = restrictions.find(({ type }) => type === "Location")?.reasonCode;
    return { family, cores, restriction };
}
