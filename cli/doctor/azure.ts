/** What the pre-flight asks Azure; nothing of it changes anything. */
export interface Azure {
    subscription(): Promise<{ name: string; state: string }>;
    /** Names of the regions that the subscription may use, such as `westeurope`. */
    regions(): Promise<string[]>;
    /** `Registered`, or why not. */
    providerState(namespace: string): Promise<string>;
    /** Undefined for one that is not there. */
    resourceGroup(name: string): Promise<{ location: string } | undefined>;
    /** Whether there is a resource of this id, which may be of another subscription. */
    isThere(id: string): Promise<boolean>;
    hubs(): Promise<{ name: string; sku: string }[]>;
    /** Undefined for a size that the region does not have. */
    vmSize(region: string, size: string): Promise<VmSize | undefined>;
    /** Used and allowed amounts of a region's compute, by name, such as `cores`. */
    computeQuotas(region: string): Promise<ReadonlyMap<string, { used: number; limit: number }>>;
    /** Whether the first label of a public host name is free in the region. */
    isDnsLabelFree(region: string, label: string): Promise<boolean>;
}

/** A size of machines in a region: what it takes of the quota, and why this subscription may not use it. */
export interface VmSize {
    readonly family: string;
    readonly cores: number;
    readonly restriction: string | undefined;
}
