import type { PlaneSettings } from "../plane";

/** The one directory of the local Azure; it answers on the management endpoint's port. */
export interface DirectorySettings extends PlaneSettings {
    /** Signs its tokens (PKCS 8, P-256), PEM. */
    readonly signingKey: string;
}
