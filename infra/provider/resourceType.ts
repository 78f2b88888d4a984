import type { z } from "zod";
import type { CheckFailure, Properties } from "../../provider-protocol/provider";
import type { AzureAccount } from "./azure/azureAccount";
import type { ResourceSchema } from "./resourceSchema";
import type { ServiceClient } from "./service/serviceClient";

/** What a resource works with. */
export interface Work {
    /** The data plane of the service that the resource names; asked for only where it is needed. */
    service(): Promise<ServiceClient>;
    readonly account: AzureAccount;
    /** Written into what is made, so that an interrupted creation is recognised as ours when it is repeated. */
    readonly owner: string;
    /** Tells whoever waits, under the resource. */
    say(line: string): void;
}

/** Inputs and outputs of a resource as they are found. */
export interface FoundResource<Inputs, Outputs> {
    readonly inputs: Inputs;
    readonly outputs: Outputs;
}

/** How a resource is made, found, changed and taken away. What does not exist any more may be thrown as not found. */
export interface ResourceBehaviour<Inputs, Outputs> {
    /** What no schema knows. An input that is unknown as a whole is left out; others may hold unknown values. */
    check?(inputs: Partial<Inputs>): CheckFailure[];
    create(inputs: Inputs, work: Work): Promise<Outputs>;
    /** `before` is what the stack knows of it; absent when it is imported, and then `named` is what its id tells. */
    read(
        named: Inputs,
        before: (Inputs & Outputs) | undefined,
        work: Work,
    ): Promise<FoundResource<Inputs, Outputs> | undefined>;
    update(before: Inputs & Outputs, news: Inputs, work: Work): Promise<Outputs>;
    delete(before: Inputs & Outputs, work: Work): Promise<void>;
    /** Marks what is secret within a property that is not secret as a whole. */
    hide?(properties: Properties): Properties;
}

/** A resource of the provider. */
export interface ResourceType {
    readonly schema: ResourceSchema;
    readonly behaviour: ResourceBehaviour<Properties, Properties>;
}

/** Puts schema and behaviour together; inputs are checked against the schema before the behaviour sees them. */
export function defineResource<Inputs extends z.ZodObject, Outputs extends z.ZodObject>(
    schema: ResourceSchema & { readonly inputs: Inputs; readonly outputs: Outputs },
    behaviour: ResourceBehaviour<z.output<Inputs>, z.output<Outputs>>,
): ResourceType {
    return { schema, behaviour: behaviour as unknown as ResourceBehaviour<Properties, Properties> };
}
