import type { PlaneSettings } from "../plane";
import type { RegistryUser } from "./authorization";

/** A registry as its resource describes it; its host name is the login server, as images are named after it. */
export interface RegistrySettings extends PlaneSettings {
    /** Asked at every request, since accounts come, change and expire while the registry runs; with none nobody gets in. */
    users(): readonly RegistryUser[];
}
