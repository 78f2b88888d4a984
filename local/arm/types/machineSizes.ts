import { demand } from "../refusals";

/** A size of machines, as the subscription's list has it (Microsoft.Compute/skus 2021-07-01). */
export interface MachineSize {
    readonly name: string;
    readonly family: string;
    readonly cores: number;
    readonly architecture: "x64" | "Arm64";
    /** Generations of the virtual firmware that it boots. */
    readonly generations: readonly ("V1" | "V2")[];
    /** Why a subscription does not get it. */
    readonly restriction?: "NotAvailableForSubscription";
}

/**
 * A few real sizes, one of each kind that matters here. Standard_B2s is of the first B series, which is retired in November
 * 2028 and which a new subscription, as the local one is, does not get.
 */
export const machineSizes: readonly MachineSize[] = [
    x64("Standard_B2ls_v2", "standardBsv2Family", 2),
    {
        name: "Standard_B2pls_v2",
        family: "standardBpsv2Family",
        cores: 2,
        architecture: "Arm64",
        generations: ["V2"],
    },
    x64("Standard_D2s_v5", "standardDSv5Family", 2),
    x64("Standard_D4s_v5", "standardDSv5Family", 4),
    { ...x64("Standard_B2s", "standardBSFamily", 2), restriction: "NotAvailableForSubscription" },
];

function x64(name: string, family: string, cores: number): MachineSize {
    return { name, family, cores, architecture: "x64", generations: ["V1", "V2"] };
}

/** The size of a name, in any letter case. */
export function machineSize(name: string | undefined): MachineSize | undefined {
    return machineSizes.find((size) => size.name.toLowerCase() === name?.toLowerCase());
}

/** What is known of an image by its reference: Canonical's SKUs of Ubuntu 24.04 end with what they are unless it is usual. */
function imageKind(sku: string): { architecture: MachineSize["architecture"]; generation: "V1" | "V2" } {
    return {
        architecture: sku.includes("arm64") ? "Arm64" : "x64",
        generation: sku.endsWith("gen1") ? "V1" : "V2",
    };
}

/**
 * Throws for a size that the subscription does not get in a region, and for one that the image does not run on. The texts are
 * those that users of Azure report.
 */
export function checkMachineSize(name: string, location: string | undefined, imageSku: string): void {
    const size = machineSize(name);
    demand(
        size && !size.restriction,
        "SkuNotAvailable",
        `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${name}' is currently ` +
            `not available in location '${location}'. Please try another size or deploy to a different location or ` +
            "different zone. See https://aka.ms/azureskunotavailable for details.",
        409,
    );
    const image = imageKind(imageSku);
    demand(
        size.architecture === image.architecture,
        "BadRequest",
        `Cannot create a VM of size '${name}' because this VM size only supports a CPU Architecture of ` +
            `'${size.architecture}', but an image or disk with CPU Architecture '${image.architecture}' was given. Please ` +
            "check that the CPU Architecture of the image or disk is compatible with that of the VM size.",
    );
    demand(
        size.generations.includes(image.generation),
        "BadRequest",
        `The selected VM size '${name}' cannot boot Hypervisor Generation '${image.generation.slice(1)}'. If this was a ` +
            "Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation " +
            "of the selected VM Size.",
    );
}
