import type { Request } from "../base/http/request";
import type { Route } from "../base/http/service";
import { subscriptionNotFound } from "./armError";
import { type ArmResource, subscriptionId } from "./armResource";
import { resourceTypes } from "./resourceTypes";
import { machineSize, machineSizes } from "./types/machineSizes";

/** The regions that the local subscription has: a few real ones. */
const regions = ["westeurope", "northeurope", "eastus", "westus2"];
/** The limit of a new pay-as-you-go subscription. */
const coreLimit = 10;

/** What there is in the subscription; `list` gives the resources of a type. */
export interface Subscription {
    list(armType: string): readonly ArmResource[];
}

/** The reads about the subscription itself, not about one resource in it. */
export function subscriptionRoutes(subscription: Subscription): Route[] {
    return [
        read("", () => ({
            id: root,
            subscriptionId,
            displayName: "Local Azure",
            state: "Enabled",
            subscriptionPolicies: { quotaId: "PayAsYouGo_2014-09-01" },
        })),
        read("/locations", () => ({
            value: regions.map((name) => ({ id: `${root}/locations/${name}`, name })),
        })),
        read("/providers/:namespace", ({ params }) => provider(params.namespace ?? "")),
        read("/providers/Microsoft.Devices/IotHubs", () => ({
            value: subscription.list("Microsoft.Devices/IotHubs"),
        })),
        read("/providers/Microsoft.Compute/skus", ({ query }) =>
            skus(/location eq '([^']+)'/.exec(query.get("$filter") ?? "")?.[1]),
        ),
        read("/providers/Microsoft.Compute/locations/:region/usages", ({ params }) =>
            usages(subscription, params.region ?? ""),
        ),
        read(
            "/providers/Microsoft.Network/locations/:region/CheckDnsNameAvailability",
            ({ params, query }) => {
                const label = query.get("domainNameLabel") ?? "";
                return {
                    available: !dnsLabels(subscription, params.region ?? "").includes(label.toLowerCase()),
                };
            },
        ),
    ];
}

const root = `/subscriptions/${subscriptionId}`;

function read(below: string, answer: (request: Request) => unknown): Route {
    return {
        method: "GET",
        path: `/subscriptions/:subscriptionId${below}`,
        handle(request) {
            const asked = request.params.subscriptionId;
            if (asked !== subscriptionId) throw subscriptionNotFound(asked);
            return { status: 200, json: answer(request) };
        },
    };
}

/** What the local Azure knows a type of is registered; it knows no other provider. */
function provider(namespace: string) {
    const types = resourceTypes.filter(({ armType }) =>
        armType.toLowerCase().startsWith(`${namespace.toLowerCase()}/`),
    );
    return {
        id: `${root}/providers/${namespace}`,
        namespace,
        resourceTypes: types.map(({ armType }) => ({
            resourceType: armType.split("/").slice(1).join("/"),
            locations: regions,
        })),
        registrationState: types.length > 0 ? "Registered" : "NotRegistered",
    };
}

function skus(region: string | undefined) {
    const here = regions.filter((name) => region === undefined || name === region);
    return {
        value: here.flatMap((location) =>
            machineSizes.map(({ name, family, cores, architecture, generations, restriction }) => ({
                resourceType: "virtualMachines",
                name,
                family,
                locations: [location],
                capabilities: [
                    { name: "vCPUs", value: String(cores) },
                    { name: "CpuArchitectureType", value: architecture },
                    { name: "HyperVGenerations", value: generations.join() },
                ],
                restrictions: restriction
                    ? [{ type: "Location", values: [location], reasonCode: restriction }]
                    : [],
            })),
        ),
    };
}

function usages({ list }: Subscription, region: string) {
    const machines = list("Microsoft.Compute/virtualMachines").filter(({ location }) => location === region);
    const used = (family?: string) =>
        machines
            .map(({ properties }) => (properties.hardwareProfile as { vmSize?: string })?.vmSize)
            .map(machineSize)
            .filter((size) => family === undefined || size?.family === family)
            .reduce((sum, size) => sum + (size?.cores ?? 0), 0);
    const usage = (value: string, currentValue: number) => ({
        unit: "Count",
        currentValue,
        limit: coreLimit,
        name: { value },
    });
    const families = new Set(machineSizes.map(({ family }) => family));
    return {
        value: [usage("cores", used()), ...[...families].map((family) => usage(family, used(family)))],
    };
}

function dnsLabels({ list }: Subscription, region: string): string[] {
    return list("Microsoft.Network/publicIPAddresses")
        .filter(({ location }) => location === region)
        .map(({ properties }) => (properties.dnsSettings as { domainNameLabel?: string })?.domainNameLabel)
        .flatMap((label) => label?.toLowerCase() ?? []);
}
