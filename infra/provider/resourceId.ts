import type { z } from "zod";
import type { Properties } from "../../provider-protocol/provider";
import { checkProperties } from "./checkInputs";
import type { ResourceSchema } from "./resourceSchema";

/** A resource's id, by which it can be imported again. */
export function idOf(schema: ResourceSchema, inputs: Properties): string {
    return schema.id.replace(placeholder, (_, name: string) =>
        name === "place" && schema.place
            ? String(inputs[schema.place.id] ?? inputs[schema.place.hostName])
            : String(inputs[name]),
    );
}

/** What an id tells of a resource that the stack does not know yet. Throws where it is not one of this type. */
export function inputsOf(schema: ResourceSchema, id: string): Properties {
    const names = [...schema.id.matchAll(placeholder)].map(([, name = ""]) => name);
    const pattern = schema.id.replace(placeholder, (_, name: string) =>
        ["place", "tokenId"].includes(name) ? "(.+)" : "([^/]+)",
    );
    const values = new RegExp(`^${pattern}$`, "i").exec(id)?.slice(1);
    if (!values) throw wrongId(schema, id);
    const inputs: Properties = {};
    names.forEach((name, index) => {
        const value = values[index] ?? "";
        if (name !== "place" || !schema.place) inputs[name] = asTyped(schema.inputs.shape[name], value);
        else inputs[value.startsWith("/") ? schema.place.id : schema.place.hostName] = value;
    });
    const [problem] = checkProperties(schema.inputs, inputs);
    if (problem) throw wrongId(schema, id, problem.reason);
    return inputs;
}

/** The form of a resource's id for people: `HUB/devices/DEVICEID`. */
export function idForm({ id }: ResourceSchema): string {
    return id.replace(placeholder, (_, name: string) => (name === "place" ? "SERVICE" : name.toUpperCase()));
}

const placeholder = /\{(\w+)\}/g;

function asTyped(property: unknown, value: string): unknown {
    const isText = (property as z.ZodType | undefined)?.safeParse(value).success;
    return !isText && /^\d+$/.test(value) ? Number(value) : value;
}

function wrongId(schema: ResourceSchema, id: string, reason?: string): Error {
    const service = schema.place
        ? `, where SERVICE is the id of the ${schema.place.service.name} in Azure Resource Manager or its host name`
        : "";
    return new Error(
        `Expected the id of a ${schema.name} to be ${idForm(schema)}${service}, found "${id}".${reason ? ` ${reason}` : ""}`,
    );
}
