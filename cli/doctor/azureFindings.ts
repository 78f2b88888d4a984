import { machineKinds } from "../../edge-vm/machineKinds";
import { existingIds, subscriptionOf } from "../../infra/existingIds";
import type { Settings } from "../../infra/settings";
import type { Azure } from "./azure";
import { type Finding, failed, good, look, warning } from "./finding";

/** The settings of a stack that an update can only carry out if Azure agrees. */
export type AzureQuestions = Pick<
    Settings,
    | "resourceGroup"
    | ("hubSku" | "hubId" | "registryId" | "image")
    | ("edgeVm" | "vmSize" | "platform" | "dnsLabel" | "subnetId")
> & {
    readonly region: string;
    /** The subscription that the stack deploys to. */
    readonly subscriptionId: string;
};

/** Looks at everything in Azure that would fail an update halfway; creates nothing. */
export async function azureFindings(azure: Azure, configured: AzureQuestions): Promise<Finding[]> {
    const other = "Name another one: pulumi config set azure-native:subscriptionId ID (az account list)";
    const findings = await look("subscription", other, async () => {
        const { name, state } = await azure.subscription();
        if (state === "Enabled") return [good("subscription", name)];
        return [failed("subscription", `${name} is ${state}`, other)];
    });
    // Without a subscription there is nothing to ask.
    if (findings.some(({ state }) => state === "failed")) return findings;
    const group = await resourceGroup(azure, configured);
    const asked = { ...configured, region: group.location ?? configured.region };
    return [
        ...findings,
        ...group.findings,
        ...(await look("region", "Ask again later", () => region(azure, asked))),
        ...(await existing(azure, asked)),
        ...(await look("providers", "Ask again later", () => providers(azure, asked))),
        ...(await look("free hub", "Ask again later", () => freeHub(azure, asked))),
        ...(asked.edgeVm ? await look("machine", "Ask again later", () => machine(azure, asked)) : []),
    ];
}

/** The group that the stack uses and does not make, and its region, which is the stack's. */
async function resourceGroup(
    azure: Azure,
    { resourceGroup: name }: AzureQuestions,
): Promise<{ findings: Finding[]; location?: string }> {
    if (name === "") return { findings: [] };
    let location: string | undefined;
    const findings = await look("resourceGroup", "Ask again later", async () => {
        location = (await azure.resourceGroup(name))?.location;
        if (location) return [good("resourceGroup", `${name} in ${location}`)];
        const fix = `Make it with: az group create --name ${name} --location REGION, or let the stack make one: pulumi config rm resourceGroup`;
        return [failed("resourceGroup", `${name} is not in the subscription`, fix)];
    });
    return { findings, location };
}

/** What the stack uses and does not make must be in its own subscription. */
async function existing(azure: Azure, asked: AzureQuestions): Promise<Finding[]> {
    const { subscriptionId } = asked;
    const findings = existingIds(asked).map(([setting, id]) =>
        look(setting, "Ask again later", async () => {
            const found = subscriptionOf(id);
            if (found !== subscriptionId.toLowerCase()) {
                const fix = `Deploy to that one: pulumi config set azure-native:subscriptionId ${found}, or name another resource`;
                return [failed(setting, `is of subscription ${found}, not of ${subscriptionId}`, fix)];
            }
            if (await azure.isThere(id)) return [good(setting, `${id.split("/").at(-1)} is there`)];
            return [failed(setting, `there is no ${id}`, `Set it with: pulumi config set ${setting} ID`)];
        }),
    );
    return (await Promise.all(findings)).flat();
}

async function region(azure: Azure, asked: AzureQuestions): Promise<Finding[]> {
    if (asked.region === "") {
        return [
            failed(
                "region",
                "none is set",
                "Set it with: pulumi config set azure-native:location westeurope",
            ),
        ];
    }
    const known = await azure.regions();
    const name = asked.region.toLowerCase().replaceAll(" ", "");
    if (known.includes(name)) return [good("region", name)];
    return [
        failed(
            "region",
            `${asked.region} is not among the ${known.length} of the subscription`,
            "Set it with: pulumi config set azure-native:location REGION; list them with: az account list-locations",
        ),
    ];
}

async function providers(azure: Azure, asked: AzureQuestions): Promise<Finding[]> {
    const needed = [
        ...(asked.hubId === "" ? ["Microsoft.Devices"] : []),
        ...(asked.registryId === "" && asked.image === "" ? ["Microsoft.ContainerRegistry"] : []),
        ...(asked.edgeVm ? machineProviders : []),
    ];
    const states = await Promise.all(
        needed.map(async (name) => [name, await azure.providerState(name)] as const),
    );
    return states.map(([name, state]) =>
        state === "Registered"
            ? good(name, "registered")
            : failed(name, state, `Register it with: az provider register --wait --namespace ${name}`),
    );
}

const machineProviders = [
    ...["Microsoft.Network", "Microsoft.Compute", "Microsoft.KeyVault"],
    ...["Microsoft.ManagedIdentity", "Microsoft.DevTestLab"],
];

async function freeHub(azure: Azure, { hubSku, hubId }: AzureQuestions): Promise<Finding[]> {
    if (hubSku !== "F1" || hubId !== "") return [];
    const [other] = (await azure.hubs()).filter(({ sku }) => sku === "F1");
    if (!other) return [good("free hub", "none yet, and one is allowed")];
    return [
        warning(
            "free hub",
            `${other.name} is the one free hub that a subscription may have`,
            "Unless it is this stack's own, use it (pulumi config set hubId …), or pay for one: pulumi config set hubSku S1",
        ),
    ];
}

async function machine(azure: Azure, asked: AzureQuestions): Promise<Finding[]> {
    const { region: place, dnsLabel, platform } = asked;
    const size = asked.vmSize || machineKinds[platform].size;
    const found = await azure.vmSize(place, size);
    const other = "Choose another with: pulumi config set vmSize SIZE, or another region";
    if (!found) return [failed("machine size", `${size} is not in ${place}`, other)];
    if (found.restriction)
        return [failed("machine size", `${size} in ${place}: ${found.restriction}`, other)];
    const findings = [good("machine size", `${size}, ${found.cores} cores`)];
    const quotas = await azure.computeQuotas(place);
    for (const name of ["cores", found.family]) {
        const quota = quotas.get(name);
        if (!quota) continue;
        const left = `${quota.used} of ${quota.limit} used, ${found.cores} needed`;
        findings.push(
            quota.limit - quota.used >= found.cores
                ? good(`quota ${name}`, left)
                : failed(`quota ${name}`, left, `${other}, or ask for more in the portal under Quotas`),
        );
    }
    if (dnsLabel === "") return findings;
    const host = `${dnsLabel}.${place}.cloudapp.azure.com`;
    return [
        ...findings,
        (await azure.isDnsLabelFree(place, dnsLabel))
            ? good("host name", `${host} is free`)
            : warning(
                  "host name",
                  `${host} is taken`,
                  "Unless it is this stack's own, set another: pulumi config set dnsLabel LABEL",
              ),
    ];
}
