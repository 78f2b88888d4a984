import * as pulumi from "@pulumi/pulumi";
import { checkSettings } from "./checkSettings";
import { cloudProblems, deployedTo } from "./cloudProblems";
import type { PlannedManifestOptions } from "./manifest/manifestOptions";
import { sentence } from "./problem";
import { azureVariables } from "./provider/azure/azureSettings";
import { type SecretSettings, type Settings, secretSettings } from "./settings";

/** The stack's settings, checked; the meaning of each is in `settings.ts`. What is secret is a secret output. */
export interface Config
    extends Readonly<Omit<Settings, keyof PlannedManifestOptions<string>>>,
        PlannedManifestOptions<pulumi.Input<string>> {
    readonly devicePrivateKey: pulumi.Output<string>;
}

/**
 * Reads and checks the stack's configuration. All problems are reported at once, before any resource exists. `env` is that
 * of the process, where a cloud may be named. The only reader of `pulumi.Config`.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
    const namespace = new pulumi.Config().name;
    const found = textsOf(namespace);
    const isSecret = (key: string) => isConfigSecret(`${namespace}:${key}`);
    const { values, problems: ofSettings } = checkSettings(found, isSecret);
    const problems = [
        ...ofSettings,
        ...cloudProblems(values, deployedTo(Object.fromEntries(textsOf("azure-native")), env)),
    ];
    if (problems.length > 0) throw new pulumi.RunError(problems.map(sentence).join("\n"));
    const { proxy, moduleSecrets, extraRegistries } = values;
    return {
        ...values,
        ...wholeSecrets(values),
        proxy: proxy && isSecret("proxy") ? pulumi.secret(proxy) : proxy,
        // A review shows the names in these two, and of a registry all but the password.
        moduleSecrets: mapValues(moduleSecrets, (value) => pulumi.secret(value)),
        extraRegistries: mapValues(extraRegistries, ({ password, ...registry }) => ({
            ...registry,
            password: pulumi.secret(password),
        })),
    };
}

/**
 * How the stack's configuration says to sign in, by the names that azure-native and our provider have in common: the engine
 * hands a provider what is configured for itself alone (pkg/host/host.go, `Provider`).
 */
export function azureNativeSettings(): Record<string, pulumi.Input<string>> {
    const found = textsOf("azure-native");
    return Object.fromEntries(
        azureVariables.flatMap(({ name, secret }) => {
            const text = found.get(name);
            if (!text) return [];
            return [[name, secret || isConfigSecret(`azure-native:${name}`) ? pulumi.secret(text) : text]];
        }),
    );
}

// The SDK has it, and leaves it out of its declarations.
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** The secret settings, each secret as a whole, so that one that is added is never in clear. */
function wholeSecrets(values: SecretSettings): Pick<Config, "devicePrivateKey"> {
    const secrets = Object.keys(secretSettings.shape).map((key) => [
        key,
        pulumi.secret(values[key as keyof SecretSettings]),
    ]);
    return Object.fromEntries(secrets);
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To) {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/** The texts of the keys of a namespace. */
function textsOf(namespace: string): Map<string, string> {
    const prefix = `${namespace}:`;
    return new Map(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, text]) => [key.slice(prefix.length), text]),
    );
}
