import { z } from "zod";
import type { JsonObject } from "../../base/mergePatch";
import { compileCondition, type RoutedMessage } from "./compileCondition";
import { type ParsedRoute, readRoute, type Sink } from "./route";

/** A route of the manifest whose condition is not compiled yet. */
export interface NamedRoute extends ParsedRoute {
    name: string;
    /** Messages of priority 0 go first. */
    priority: number;
    /** 0 means the time to live of the configuration. */
    timeToLiveSecs: number;
}

/** What $edgeHub's desired properties ask for. */
export interface HubConfig {
    routes: NamedRoute[];
    /** A negative number means that messages are kept for ever. */
    timeToLiveSecs: number;
}

/** A route that is in force. */
export interface Route extends Omit<NamedRoute, "condition"> {
    sink: Sink;
    holds(message: RoutedMessage): boolean;
}

/** Routes without a priority come after all that have one (`RouteFactory.cs`). */
export const defaultPriority = 2_000_000_000;
const unsigned = z.int().min(0).max(0xffff_ffff);
const storeAndForward = z.looseObject({ timeToLiveSecs: z.int().default(0) });
const spec = z.looseObject({
    route: z.string().refine((text) => text.trim() !== "", "must not be blank"),
    // `RouteSpec.cs` accepts its own default as a number, too.
    priority: unsigned
        .refine((value) => value <= 9 || value === defaultPriority, "can only be between 0-9")
        .default(defaultPriority),
    timeToLiveSecs: unsigned.default(0),
});
const desired10 = z.looseObject({
    routes: z.record(z.string(), z.string().nullable()).nullish(),
    storeAndForwardConfiguration: storeAndForward.nullish(),
});
const desired11 = z.looseObject({
    routes: z.record(
        z.string(),
        z.union([
            z.string().transform((route) => ({ route, priority: defaultPriority, timeToLiveSecs: 0 })),
            spec,
        ]),
    ),
    storeAndForwardConfiguration: storeAndForward,
});

/**
 * Reads the desired properties of $edgeHub (`EdgeHubConfigParser.cs`); throws a sentence where edgeHub reports 400.
 * Conditions are only parsed: what is wrong with their types and functions shows when they are compiled.
 */
export function readHubConfig(desired: JsonObject): HubConfig {
    const { schemaVersion } = desired;
    if (schemaVersion === undefined) throw new Error("EdgeHub config missing SchemaVersion");
    const [, minor] = /^1\.([0-3])(?:\.\d+){0,2}$/.exec(String(schemaVersion)) ?? [];
    if (minor === undefined)
        throw new Error(`EdgeHub config contains unsupported SchemaVersion: ${schemaVersion}`);
    if (minor === "0") {
        const { routes, storeAndForwardConfiguration } = parsed(desired10, desired);
        const stated = Object.entries(routes ?? {}).filter(([, route]) => route?.trim());
        return {
            routes: stated.map(([name, route]) =>
                named(name, { route: route ?? "", priority: defaultPriority, timeToLiveSecs: 0 }),
            ),
            timeToLiveSecs: storeAndForwardConfiguration?.timeToLiveSecs ?? 0,
        };
    }
    const { routes, storeAndForwardConfiguration } = parsed(desired11, desired);
    return {
        routes: Object.entries(routes).map(([name, route]) => named(name, route)),
        timeToLiveSecs: storeAndForwardConfiguration.timeToLiveSecs,
    };
}

/** Compiles the conditions of a configuration; throws a sentence for the first that edgeHub's compiler refuses. */
export function compileRoutes({ routes }: HubConfig): Route[] {
    return routes.map(({ condition, ...route }) => {
        try {
            return { ...route, holds: condition ? compileCondition(condition) : () => true };
        } catch (error) {
            throw new Error(
                `The condition of route ${route.name} does not compile: ${(error as Error).message}`,
            );
        }
    });
}

function named(name: string, { route, ...rest }: z.infer<typeof spec>): NamedRoute {
    try {
        return { name, ...readRoute(route), priority: rest.priority, timeToLiveSecs: rest.timeToLiveSecs };
    } catch (error) {
        throw new Error(`Error parsing route ${name} - ${(error as Error).message}`);
    }
}

function parsed<T>(schema: z.ZodType<T>, desired: JsonObject): T {
    const result = schema.safeParse(desired);
    if (result.success) return result.data;
    throw new Error(z.prettifyError(result.error).replace(/\s*\n\s*/g, " "));
}
