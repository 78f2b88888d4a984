import type { Problem } from "./problem";
import { cloudNamed, publicCloud } from "./provider/azure/azureCloud";
import { type AzureSettings, readAzureSettings } from "./provider/azure/azureSettings";
import type { Settings } from "./settings";

/** Where a stack is deployed, as far as its settings and the environment tell. */
export interface DeployedTo extends Pick<AzureSettings, "environment" | "metadataHost"> {
    /** `azure-native:location`. */
    readonly location?: string;
}

/** The place that azure-native's configuration of a stack names, or the environment. */
export function deployedTo(
    azureNative: Readonly<Record<string, string>>,
    env: NodeJS.ProcessEnv,
): DeployedTo {
    return { ...readAzureSettings(azureNative, env), location: azureNative.location };
}

/**
 * What a stack asks for that works in the public cloud only: a problem for each, where the stack is for another one.
 * Everything else takes the endpoints that the cloud itself tells.
 */
export function cloudProblems(found: Partial<Settings>, place: DeployedTo): Problem[] {
    const other = otherCloud(place);
    if (other === undefined) return [];
    return publicOnly
        .filter(({ key, asks }) => asks(found[key] as never))
        .map(({ key, wanted, because, fix }) => ({
            expected: `config \`${key}\` to be ${wanted} because ${because}, and ${other} is of another one`,
            found: found[key] === "" ? "none" : JSON.stringify(found[key]),
            fix,
        }));
}

/** What names another cloud than the public one. */
function otherCloud({ environment, metadataHost, location }: DeployedTo): string | undefined {
    // A cloud may also be the one that the Azure CLI is signed in to; its regions tell it in every case.
    const region = location?.toLowerCase().replaceAll(" ", "") ?? "";
    if (/^(usgov|usdod|china)/.test(region)) return `the region ${location}`;
    if (metadataHost || !environment) return undefined;
    const cloud = cloudNamed(environment);
    return cloud === undefined || cloud === publicCloud ? undefined : `the environment ${environment}`;
}

interface PublicOnly<Key extends keyof Settings = keyof Settings> {
    readonly key: Key;
    readonly asks: (value: Settings[Key] | undefined) => boolean;
    /** Goes on after "to be". */
    readonly wanted: string;
    /** Goes on after "because". */
    readonly because: string;
    readonly fix: string;
}

const publicOnly: readonly PublicOnly[] = [
    only("edgeVm", (value) => value === true, {
        wanted: "false",
        because: "a machine finds its key vault in the public cloud only",
        fix: "Bring a device: pulumi config set edgeVm false",
    }),
    only("provisioning", (value) => value?.startsWith("dps") === true, {
        wanted: "manual",
        because: "a device finds its provisioning service in the public cloud only",
        fix: "Set it with: pulumi config set provisioning manual",
    }),
    only("hubAuth", (value) => value === "entra", {
        wanted: "key",
        because: "our tokens of Entra are for hubs of the public cloud only",
        fix: "Set it with: pulumi config set hubAuth key",
    }),
    // learn "TLS support in IoT Hub": "TLS 1.2 enforcement is supported only in public cloud regions".
    only("hubId", (value) => value === "", {
        wanted: "the id of a hub",
        because: "a new hub enforces TLS 1.2, as ours does, in the public cloud only",
        fix: "Make a hub by hand, then: pulumi config set hubId ID",
    }),
];

function only<Key extends keyof Settings>(
    key: Key,
    asks: PublicOnly<Key>["asks"],
    text: Pick<PublicOnly, "wanted" | "because" | "fix">,
): PublicOnly {
    return { key, asks: asks as PublicOnly["asks"], ...text };
}
