import type { PlaneSettings } from "../plane";
import type { SharedAccessPolicy } from "../sharedAccessPolicy";

/** A hub as its resource describes it. */
export interface HubSettings extends PlaneSettings {
    /** ARM's id of the resource. */
    readonly id: string;
    /** When it was made, in ISO 8601; without it long ago. */
    readonly createdAt?: string;
    readonly policies: readonly SharedAccessPolicy[];
    /** What the throttles follow; without it nothing is too much. */
    readonly tier?: HubTier;
}

/** What a hub is paid for. */
export interface HubTier {
    /** `F1` or `S1` to `S3`. */
    readonly sku: string;
    readonly units: number;
}
