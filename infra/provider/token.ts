/** Name of the package, in its resources' types and in `Pulumi.yaml`. */
export const packageName = "iotedge";

/** The type of a resource as programs and states name it. */
export function typeToken(name: string): string {
    return `${packageName}:index:${name}`;
}
