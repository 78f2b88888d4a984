import type { ManifestSettings } from "./manifestSettings";

/**
 * What the manifest says: the settings of the stack, the image, and who pulls it. `Text` is `string`, or an input of
 * Pulumi where a value is secret or known only later: then that leaf alone is unknown or hidden in a preview and the rest
 * can be reviewed.
 */
export interface ManifestOptions<Text> extends PlannedManifestOptions<Text> {
    /** `repository@sha256:…`, the only digest form that edgeAgent accepts. */
    readonly image: Text;
    /** Where and as whom the device pulls; without it only from public registries and `extraRegistries`. */
    readonly registry?: RegistryCredential<Text>;
}

/** The part of the options that is known before anything exists: all but the image and the stack's own registry. */
export interface PlannedManifestOptions<Text>
    extends Readonly<Omit<ManifestSettings, "proxy" | "moduleSecrets" | "extraModules" | "extraRegistries">> {
    readonly proxy?: Text;
    readonly moduleSecrets: Readonly<Record<string, Text>>;
    readonly extraModules: Readonly<Record<string, ExtraModule<Text>>>;
    readonly extraRegistries: Readonly<Record<string, RegistryCredential<Text>>>;
}

/** The URL-free address of a registry, and as whom the device pulls from it. */
export interface RegistryCredential<Text> {
    readonly address: Text;
    readonly username: Text;
    readonly password: Text;
}

/** An extra module as configured; values of its environment may be secret. */
export interface ExtraModule<Text> extends Omit<ManifestSettings["extraModules"][string], "env"> {
    readonly env?: Readonly<Record<string, Text | string | number | boolean>>;
}
