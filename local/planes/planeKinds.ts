import { type DpsSurroundings, dpsPlane } from "./dps/plane";
import { type HubSurroundings, hubPlane } from "./hub/plane";
import type { Plane } from "./plane";
import { registryPlane } from "./registry/plane";

/** Every kind of data plane that is opened for a resource, by the name that `--faults` and ARM's types use. */
export function planesIn(surroundings: HubSurroundings & DpsSurroundings) {
    return { hub: hubPlane(surroundings), dps: dpsPlane(surroundings), registry: registryPlane };
}

export type Planes = ReturnType<typeof planesIn>;
export type PlaneName = keyof Planes;
export const planeNames = Object.keys(planesIn({})) as PlaneName[];

/** What a resource says of its data plane of this kind. */
export type SettingsOf<Name extends PlaneName> =
    Planes[Name] extends Plane<infer Settings, infer _Running> ? Settings : never;
