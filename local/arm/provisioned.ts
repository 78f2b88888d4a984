import { randomBytes } from "node:crypto";
import type { ArmResource } from "./armResource";
import type { Properties } from "./resourceType";

/** A resource as ARM answers it once its provisioning went well; `added` are the properties that Azure adds. */
export function succeeded(wanted: ArmResource, added: Properties = {}): ArmResource {
    return {
        ...wanted,
        properties: { ...wanted.properties, ...added, provisioningState: "Succeeded" },
    };
}

/** Properties that Azure makes when it creates a resource, and keeps when it updates the resource. */
export function madeOnce(
    previous: ArmResource | undefined,
    make: Readonly<Record<string, () => unknown>>,
): Properties {
    return Object.fromEntries(
        Object.entries(make).map(([property, first]) => [
            property,
            previous?.properties[property] ?? first(),
        ]),
    );
}

/** The time as ARM writes it. */
export function now(): string {
    return new Date().toISOString();
}

/** Another etag than the one before. */
export function newEtag(): string {
    return randomBytes(8).toString("base64");
}
