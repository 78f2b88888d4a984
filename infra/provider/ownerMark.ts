import { createHash } from "node:crypto";

/** A device's `statusReason` has at most so many characters (iothub-service Swagger 2021-04-12). */
const longest = 128;

/**
 * What marks a thing in a hub as made by one resource of one stack: a repeated creation knows its own by it, and does not
 * take what another stack, or another resource of this one, has made.
 */
export function ownerMark(urn: string): string {
    const [stack = "", project = "", , ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
    const mark = `Created by Pulumi: ${project}/${stack}/${name.join("::")}`;
    if (mark.length <= longest) return mark;
    return `Created by Pulumi: ${createHash("sha256").update(mark).digest("hex")}`;
}
