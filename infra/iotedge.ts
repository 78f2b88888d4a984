import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { deploymentSchema } from "./provider/deployment/deploymentSchema";
import { deploymentCheckSchema } from "./provider/deploymentCheck/deploymentCheckSchema";
import { deviceSchema } from "./provider/device/deviceSchema";
import { enrollmentGroupSchema, enrollmentSchema } from "./provider/enrollment/enrollmentSchema";
import { registryTokenPasswordSchema } from "./provider/registryTokenPassword/registryTokenPasswordSchema";
import { aboutProperty, type ResourceSchema } from "./provider/resourceSchema";
import { packageName, typeToken } from "./provider/token";

/** A value as a program may give it: at any depth it may be known only later. */
type Given<T> = pulumi.Input<T extends object ? { [Key in keyof T]: Given<T[Key]> } : T>;

/** What a resource of the provider is made with. */
type Args<Schema extends ResourceSchema> = {
    [Key in keyof z.input<Schema["inputs"]>]: Given<z.input<Schema["inputs"]>[Key]>;
};

/** What it has once it is made. */
type Made<Schema extends ResourceSchema> = {
    readonly [Key in keyof (z.output<Schema["inputs"]> & z.output<Schema["outputs"]>)]: pulumi.Output<
        (z.output<Schema["inputs"]> & z.output<Schema["outputs"]>)[Key]
    >;
};

type ResourceClass<Schema extends ResourceSchema> = new (
    name: string,
    args: Args<Schema>,
    opts?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & Made<Schema>;

/** The class of a resource; its schema says all that there is to know of it. */
function resourceClass<Schema extends ResourceSchema>(schema: Schema): ResourceClass<Schema> {
    const outputs = Object.keys(schema.outputs.shape);
    const secrets = outputs.filter((name) => aboutProperty(schema.outputs, name).secret);
    class Resource extends pulumi.CustomResource {
        constructor(name: string, args: Args<Schema>, opts?: pulumi.CustomResourceOptions) {
            const properties = [...Object.keys(schema.inputs.shape), ...outputs];
            const unset = Object.fromEntries(properties.map((property) => [property, undefined]));
            super(
                typeToken(schema.name),
                name,
                { ...unset, ...args },
                pulumi.mergeOptions(opts, { additionalSecretOutputs: secrets }),
            );
        }
    }
    return Resource as unknown as ResourceClass<Schema>;
}

/** What the provider is told; the settings of who deploys have azure-native's names. */
export interface ProviderArgs extends Record<string, pulumi.Input<string> | undefined> {
    hubAuth?: "key" | "entra";
    hubPolicyName?: string;
}

/** How the resources below reach their services; see `docs/provider.md`. */
export class Provider extends pulumi.ProviderResource {
    constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
        super(packageName, name, args, opts);
    }
}

export const Device = resourceClass(deviceSchema);
export type Device = InstanceType<typeof Device>;

export const Deployment = resourceClass(deploymentSchema);

export const DeploymentCheck = resourceClass(deploymentCheckSchema);

export const Enrollment = resourceClass(enrollmentSchema);

export const EnrollmentGroup = resourceClass(enrollmentGroupSchema);

export const RegistryTokenPassword = resourceClass(registryTokenPasswordSchema);
