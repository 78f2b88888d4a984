import type { PlaneSettings } from "../plane";
import type { SharedAccessPolicy } from "../sharedAccessPolicy";

/** A provisioning service as its resource describes it; both its sides answer at `hostName`. */
export interface ProvisioningServiceSettings extends PlaneSettings {
    readonly idScope: string;
    readonly policies: readonly SharedAccessPolicy[];
    readonly hubs: readonly LinkedHub[];
}

/** A hub that a provisioning service assigns devices to, with the policy that lets it in. */
export interface LinkedHub {
    readonly hostName: string;
    readonly keyName: string;
    /** base64 */
    readonly key: string;
}
