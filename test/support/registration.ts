import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

/** How the engine's protocol marks a secret (Pulumi SDK, rpc.ts). */
const secretMark = "4dabf18193072939515e22adb298388d";

/**
 * What a resource is registered with beside the values of its inputs: the paths of those that are secret, and every option
 * that is set. Other resources are named by their type's last part and their name.
 */
export function registrationOf(request: RegisterResourceRequest): Record<string, string> {
    const inputs = request.getObject()?.toJavaScript() ?? {};
    const implied: string[] = [];
    request.getPropertydependenciesMap().forEach((one) => {
        implied.push(...one.getUrnsList());
    });
    const trigger = request.getReplacementTrigger();
    const timeouts = request.getCustomtimeouts();
    const options: Record<string, readonly string[]> = {
        parent: [request.getParent()],
        provider: [request.getProvider().replace(/::[^:]+$/, "")],
        dependsOn: request.getDependenciesList().filter((urn) => !implied.includes(urn)),
        deletedWith: [request.getDeletedwith()],
        replaceWith: request.getReplaceWithList(),
        secret: secretPaths(inputs),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        replacementTrigger: trigger ? [JSON.stringify(trigger.toJavaScript())] : [],
        ignoreChanges: request.getIgnorechangesList(),
        hideDiffs: request.getHidediffsList(),
        deleteBeforeReplace: request.getDeletebeforereplacedefined()
            ? [String(request.getDeletebeforereplace())]
            : [],
        protect: request.getProtect() ? ["true"] : [],
        retainOnDelete: request.getRetainondelete() ? ["true"] : [],
        import: [request.getImportid()],
        aliases: request.getAliasesList().flatMap((alias) => {
            const { urn, spec } = alias.toObject();
            // Former types of what azure-native makes are its own, and hundreds.
            if (spec?.type.startsWith("azure-native:")) return [];
            const { name, type, parenturn } = spec ?? { name: "", type: "", parenturn: "" };
            return [[urn, type, name, parenturn === request.getParent() ? "" : parenturn].join(" ").trim()];
        }),
        customTimeouts: Object.entries(timeouts?.toObject() ?? {})
            .filter(([, time]) => time !== "")
            .map(([operation, time]) => `${operation} ${time}`),
    };
    return Object.fromEntries(
        Object.entries(options)
            .map(([name, values]) => [name, values.filter(Boolean).map(nameOf).sort().join(", ")])
            .filter(([, text]) => text !== ""),
    );
}

/** `Device::device` of a URN; any other text as it is. */
function nameOf(text: string): string {
    return /^urn:pulumi:/.test(text) ? text.replace(/^.*[:$/]([^:$/]+::[^:]+)$/, "$1") : text;
}

/** The paths of everything that is marked as secret. */
function secretPaths(value: unknown, path = ""): string[] {
    if (typeof value !== "object" || value === null) return [];
    if (secretMark in value) return [path];
    return Object.entries(value).flatMap(([key, inner]) =>
        secretPaths(inner, path === "" ? key : `${path}.${key}`),
    );
}
