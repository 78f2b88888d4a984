import * as pulumi from "@pulumi/pulumi";
import { isAdminUsername } from "../edge-vm/adminUsername";
import { isAddressRange } from "../edge-vm/securityRules";

/** The stack's settings, checked; the meaning of each is in `Pulumi.yaml`. */
export interface Config {
    readonly hubSku: "F1" | "S1";
    readonly deviceId: string;
    readonly platform: "linux/amd64" | "linux/arm64";
    readonly hostPort: number;
    readonly deviceAddress: string;
    readonly check: "http" | "reported" | "none";
    readonly checkTimeoutSeconds: number;
    readonly edgeVm: boolean;
    readonly sshPublicKey: string;
    readonly adminUsername: string;
    readonly vmSize: string;
    readonly dnsLabel: string;
    readonly sshFrom: readonly string[];
    readonly httpFrom: readonly string[];
    readonly shutdownTime: string;
    readonly shutdownTimeZone: string;
}

interface Key<T> {
    readonly expected: string;
    readonly fallback: T;
    readonly parse: (text: string) => T | undefined;
}

const keys: { readonly [K in keyof Config]: Key<Config[K]> } = {
    hubSku: oneOf("S1", ["S1", "F1"] as const),
    // The identity registry's own rule for device ids, without the characters that a shell or a URL would change.
    deviceId: text(
        "edge-device",
        /^[A-Za-z0-9_.-]{1,128}$/,
        "1 to 128 letters, digits, dots, dashes or underscores",
    ),
    platform: oneOf("linux/amd64", ["linux/amd64", "linux/arm64"] as const),
    hostPort: integer(80, 1, 65535),
    deviceAddress: text(
        "",
        /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])?$/,
        "a host name or an address without scheme and port",
    ),
    check: oneOf("reported", ["http", "reported", "none"] as const),
    checkTimeoutSeconds: integer(300, 1, 86_400),
    edgeVm: {
        expected: "true or false",
        fallback: false,
        parse: (found) => (found === "true" ? true : found === "false" ? false : undefined),
    },
    sshPublicKey: text(
        "",
        /^((ssh-ed25519|ssh-rsa) [A-Za-z0-9+/=]+( .*)?)?$/,
        "an OpenSSH public key, ssh-ed25519 … or ssh-rsa …",
    ),
    adminUsername: {
        expected: "a Linux user name that Azure does not reserve, as it does admin, root and user",
        fallback: "edge",
        parse: (found) => (isAdminUsername(found) ? found : undefined),
    },
    vmSize: text("", /^(Standard_[A-Za-z0-9_-]+)?$/, 'a size of Azure\'s such as "Standard_B2s"'),
    dnsLabel: text(
        "",
        /^([a-z][a-z0-9-]{1,61}[a-z0-9])?$/,
        "3 to 63 lower-case letters, digits or dashes, beginning with a letter",
    ),
    sshFrom: ranges(),
    httpFrom: ranges(),
    shutdownTime: text("", /^(([01]\d|2[0-3]):[0-5]\d)?$/, "a time of the day such as 19:00"),
    shutdownTimeZone: text(
        "UTC",
        /^[A-Za-z0-9 .+()-]{1,64}$/,
        "Windows' name of a time zone, such as W. Europe Standard Time",
    ),
};

/**
 * Reads and checks the stack's configuration. All problems are reported at once, before any resource exists.
 * The only reader of `pulumi.Config`.
 */
export function readConfig(): Config {
    const source = new pulumi.Config();
    const problems: string[] = unknownKeys(source.name);
    const values: Partial<Record<keyof Config, unknown>> = {};
    for (const name of Object.keys(keys) as (keyof Config)[]) {
        const key: Key<unknown> = keys[name];
        const found = source.get(name);
        const value = found === undefined ? key.fallback : key.parse(found);
        if (value === undefined) {
            problems.push(
                `Expected config \`${name}\` to be ${key.expected}, found "${found}". ` +
                    `Set it with: pulumi config set ${name} VALUE`,
            );
        }
        values[name] = value;
    }
    // A machine of ours has an address that the stack learns by itself.
    if (values.check === "http" && values.deviceAddress === "" && values.edgeVm !== true) {
        problems.push(
            "Expected config `deviceAddress` to be set because `check` is http, found none. " +
                "Set it with: pulumi config set deviceAddress HOST, or set check to reported",
        );
    }
    if (values.edgeVm === true && values.sshPublicKey === "") {
        problems.push(
            "Expected config `sshPublicKey` to be set because `edgeVm` is true, found none. " +
                'Set it with: pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"',
        );
    }
    if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
    return values as Config;
}

function unknownKeys(namespace: string): string[] {
    const prefix = `${namespace}:`;
    return Object.keys(pulumi.runtime.allConfig())
        .filter((key) => key.startsWith(prefix) && !(key.slice(prefix.length) in keys))
        .map((key) => {
            const name = key.slice(prefix.length);
            return (
                `Expected config keys to be among ${Object.keys(keys).join(", ")}, found \`${name}\`. ` +
                `Remove it with: pulumi config rm ${name}`
            );
        });
}

function oneOf<const T extends string>(fallback: T, values: readonly T[]): Key<T> {
    return {
        expected: values.join(" or "),
        fallback,
        parse: (found) => values.find((value) => value === found),
    };
}

function text(fallback: string, pattern: RegExp, expected: string): Key<string> {
    return { expected, fallback, parse: (found) => (pattern.test(found) ? found : undefined) };
}

function ranges(): Key<readonly string[]> {
    return {
        expected: 'a list of address ranges such as ["198.51.100.7/32"]',
        fallback: [],
        parse: (found) => {
            const value = parseJson(found);
            return Array.isArray(value) && value.every(isAddressRange) ? value : undefined;
        },
    };
}

function parseJson(found: string): unknown {
    try {
        return JSON.parse(found);
    } catch {
        // Not JSON is not a list: the caller says what was expected.
        return undefined;
    }
}

function integer(fallback: number, least: number, most: number): Key<number> {
    return {
        expected: `a whole number from ${least} to ${most}`,
        fallback,
        parse: (found) => {
            const value = Number(found);
            return /^\d+$/.test(found) && value >= least && value <= most ? value : undefined;
        },
    };
}
