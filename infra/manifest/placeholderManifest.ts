import { type DeploymentManifest, deploymentManifest } from "./deploymentManifest";
import type { PlannedManifestOptions } from "./manifestOptions";

/**
 * The manifest before anything exists, for review and for checks: in place of secrets, and of what is known only later
 * (any leaf that is no plain text), it holds placeholders of the same form.
 */
export function placeholderManifest(options: PlannedManifestOptions<unknown>): DeploymentManifest<string> {
    const { moduleSecrets, extraModules, extraRegistries, proxy, ...plain } = options;
    return deploymentManifest<string>({
        ...plain,
        image: unknownImage,
        registry: {
            address: unknownRegistry,
            username: placeholder("known after the update", "registry user name"),
            password: placeholder("secret", "registry password"),
        },
        ...(proxy !== undefined && { proxy: plainProxy(proxy) }),
        moduleSecrets: named(moduleSecrets, (_, name) => placeholder("secret", name)),
        extraModules: named(extraModules, ({ env, ...module }, moduleName) => ({
            ...module,
            ...(env && { env: named(env, (value, name) => known(value, `${name} of ${moduleName}`)) }),
        })),
        extraRegistries: named(extraRegistries, ({ address, username }, name) => ({
            // Without spaces, as the manifest's schema wants addresses.
            address: typeof address === "string" ? address : unknownRegistry,
            username: known(username, `user name of ${name}`),
            password: placeholder("secret", `password of ${name}`),
        })),
    });
}

/** No registry can have this name (RFC 2606), and no image this digest. */
const unknownRegistry = "registry.invalid";
const unknownImage = `${unknownRegistry}/classifier@sha256:${"0".repeat(64)}`;

/** A URL may hold a password before its `@`. */
function plainProxy(proxy: unknown): string {
    return known(typeof proxy === "string" && !proxy.includes("@") ? proxy : undefined, "proxy");
}

function known(value: unknown, what: string): string {
    const isPlain = ["string", "number", "boolean"].includes(typeof value);
    return isPlain ? String(value) : placeholder("secret", what);
}

function placeholder(kind: string, what: string): string {
    return `<${kind}: ${what}>`;
}

function named<From, To>(record: Readonly<Record<string, From>>, map: (value: From, name: string) => To) {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
