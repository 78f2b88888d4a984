import type { ShapedManifest, ShapedModule } from "./manifestShape";

/** A module as the rules look at it; a layer may set only a part of it. */
export interface ModulePart {
    readonly name: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly env: ShapedModule["env"];
    readonly isSystem: boolean;
}

/** What the rules that no schema knows look at, of a whole manifest or of a layered deployment. */
export interface ManifestParts {
    readonly modules: readonly ModulePart[];
    readonly routes: readonly (readonly [name: string, expression: string])[];
    /** The names of all modules of the device; unknown for a layer, which lies on a base. */
    readonly names: readonly string[] | undefined;
    /** Desired properties of the modules' twins, by the name of their place. */
    readonly sections: readonly {
        readonly moduleId: string;
        readonly place: string;
        readonly desired: unknown;
    }[];
}

/** The parts of a whole manifest. */
export function wholeParts({ modulesContent }: ShapedManifest): ManifestParts {
    const { systemModules, modules } = modulesContent.$edgeAgent["properties.desired"];
    const part =
        (isSystem: boolean) =>
        ([name, module]: [string, Pick<ShapedModule, "settings" | "env">]) => ({
            name,
            settings: module.settings,
            env: module.env,
            isSystem,
        });
    return {
        modules: [
            ...Object.entries(systemModules).map(part(true)),
            ...Object.entries(modules).map(part(false)),
        ],
        routes: Object.entries(modulesContent.$edgeHub["properties.desired"].routes).map(([name, route]) => [
            name,
            expressionOf(route),
        ]),
        names: Object.keys(modules),
        sections: sectionsOf(modulesContent),
    };
}

/** A route's text, with or without a priority. */
export function expressionOf(route: string | { route: string }): string {
    return typeof route === "string" ? route : route.route;
}

/** All sections of a manifest, by module and path. */
export function sectionsOf(modulesContent: Readonly<Record<string, object>>): ManifestParts["sections"] {
    return Object.entries(modulesContent).flatMap(([moduleId, sections]) =>
        Object.entries(sections).map(([key, desired]) => ({
            moduleId,
            place: key === "properties.desired" ? moduleId : `${moduleId}.${key.slice(desiredPrefix.length)}`,
            desired,
        })),
    );
}

/** What a section of a layered deployment begins with. */
export const desiredPrefix = "properties.desired.";
