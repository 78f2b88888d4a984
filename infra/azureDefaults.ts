import * as pulumi from "@pulumi/pulumi";

/** What every Azure resource of the stack has. */
export interface AzureDefaults {
    readonly tags: Readonly<Record<string, string>>;
    /** Region of what does not name one; without it azure-native takes that of the stack's configuration. */
    readonly location?: string;
}

/** A secret in a vault has no region, and takes fewer tags than other resources; its vault has them. */
const secretOfVault = "azure-native:keyvault:Secret";

/**
 * Gives what the stack makes in Azure these tags, beside its own, and this region. The SDK names every input of a type,
 * also one that is not set, which tells who has tags and who has a region.
 */
export function registerAzureDefaults({ tags, location }: AzureDefaults): void {
    const hasTags = Object.keys(tags).length > 0;
    if (!hasTags && location === undefined) return;
    pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
        if (!type.startsWith("azure-native:") || type === secretOfVault) return undefined;
        const given: pulumi.Inputs = { ...props };
        if (hasTags && "tags" in props)
            given.tags = pulumi.output(props.tags).apply((own) => ({ ...tags, ...own }));
        if (location !== undefined && "location" in props) given.location = props.location ?? location;
        return { props: given, opts };
    });
}
