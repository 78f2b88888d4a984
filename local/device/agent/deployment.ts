import { z } from "zod";
import type { JsonObject } from "../../base/mergePatch";
import { readCreateOptions } from "../modules/createOptions";
import type { DesiredModule, RegistryCredential } from "../modules/desiredModule";
import { parseImageReference } from "../modules/imageReference";

/** The deployment that $edgeAgent's desired properties describe. */
export interface Deployment {
    /** The `$version` of the desired properties. */
    version: number;
    registryCredentials: RegistryCredential[];
    systemModules: { edgeAgent: SystemModule; edgeHub: SystemModule };
    modules: DesiredModule[];
}

export interface SystemModule {
    image: string;
    createOptions: string;
}

/** Why a deployment cannot be read, with the code that edgeAgent reports for it (`DeploymentStatusCode.cs`). */
export class DeploymentError extends Error {
    readonly code: 400 | 412 | 417;

    constructor(code: 400 | 412 | 417, message: string) {
        super(message);
        this.code = code;
    }
}

const lastStartupOrder = 4_294_967_295;
const settings = z.looseObject({ image: z.string() });
/** edgeAgent reads its enumerations in any letter case (Newtonsoft's StringEnumConverter). */
const oneOf = <const Values extends readonly string[]>(...values: Values) =>
    z.preprocess((value) => (typeof value === "string" ? value.toLowerCase() : value), z.enum(values));
const moduleSchema = z.looseObject({
    type: z.literal("docker"),
    version: z.string().optional(),
    status: oneOf("running", "stopped").default("running"),
    // edgeAgent's own default; it acts like on-failure here, since nothing watches a module's health.
    restartPolicy: oneOf("never", "on-failure", "on-unhealthy", "always").default("on-unhealthy"),
    imagePullPolicy: oneOf("on-create", "never").default("on-create"),
    startupOrder: z.int().min(0).max(lastStartupOrder).default(lastStartupOrder),
    env: z
        .record(z.string(), z.looseObject({ value: z.union([z.string(), z.number(), z.boolean()]) }))
        .default({}),
    settings,
});
const systemModule = z.looseObject({ type: z.literal("docker"), settings });
const credential = z.looseObject({
    address: z.string().trim().min(1),
    username: z.string().trim().min(1),
    password: z.string().trim().min(1),
});
const desiredSchema = z.looseObject({
    schemaVersion: z.string(),
    runtime: z.looseObject({
        type: z.literal("docker"),
        settings: z.looseObject({ registryCredentials: z.record(z.string(), credential).default({}) }),
    }),
    systemModules: z.looseObject({ edgeAgent: systemModule, edgeHub: systemModule }),
    // This is the pattern of the manifest's published schema; a module's folder and log are named after it.
    modules: z.record(z.string().regex(/^[a-zA-Z0-9_-]+$/), moduleSchema).default({}),
});

/**
 * Reads the desired properties of $edgeAgent; throws a DeploymentError with 417 for empty ones, 400 for what cannot be
 * read and 412 for a schema version that edgeAgent 1.6 does not know (anything but 1.0 and 1.1).
 */
export function readDeployment(desired: JsonObject, version: number): Deployment {
    if (Object.keys(desired).length === 0) {
        throw new DeploymentError(
            417,
            "This device has an empty configuration for the edge agent. Please set a deployment manifest.",
        );
    }
    const result = desiredSchema.safeParse(desired);
    if (!result.success) throw invalid(z.prettifyError(result.error).replace(/\s*\n\s*/g, " "));
    const { schemaVersion, runtime, systemModules, modules } = result.data;
    if (!/^1\.[01](\.\d+){0,2}$/.test(schemaVersion)) {
        throw new DeploymentError(412, `The schema version is ${schemaVersion}, expected 1.0 or 1.1.`);
    }
    const ordered = Object.entries(modules).find(([, { startupOrder }]) => startupOrder !== lastStartupOrder);
    if (/^1\.0/.test(schemaVersion) && ordered !== undefined) {
        throw new DeploymentError(
            412,
            `Module startup order is not supported in schema ${schemaVersion}, module: ${ordered[0]}.`,
        );
    }
    return {
        version,
        registryCredentials: Object.values(runtime.settings.registryCredentials),
        systemModules: {
            edgeAgent: container("edgeAgent", systemModules.edgeAgent.settings),
            edgeHub: container("edgeHub", systemModules.edgeHub.settings),
        },
        modules: Object.entries(modules).map(([name, module]) => ({
            name,
            ...(module.version !== undefined && { version: module.version }),
            ...container(name, module.settings),
            env: Object.fromEntries(
                Object.entries(module.env).map(([key, { value }]) => [key, String(value)]),
            ),
            status: module.status,
            restartPolicy: module.restartPolicy,
            imagePullPolicy: module.imagePullPolicy,
            startupOrder: module.startupOrder,
        })),
    };
}

function container(name: string, stated: z.infer<typeof settings>): SystemModule {
    try {
        parseImageReference(stated.image);
        return { image: stated.image.trim(), createOptions: readCreateOptions(stated).text };
    } catch (error) {
        throw invalid(`${name}: ${(error as Error).message}`);
    }
}

function invalid(reason: string): DeploymentError {
    return new DeploymentError(400, `Agent configuration format is invalid. ${reason}`);
}
