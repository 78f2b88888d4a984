import { isObject, type Properties, secret } from "../../../provider-protocol/provider";

/** Where a manifest has the accounts of registries (IoT Edge schema 1.1). */
const accountsPath = [
    "manifest",
    "modulesContent",
    "$edgeAgent",
    "properties.desired",
    "runtime",
    "settings",
    "registryCredentials",
];

/** Marks the passwords of registries in a manifest as secret, whether or not the program did. */
export function hidePasswords(properties: Properties): Properties {
    return at(properties, accountsPath, (accounts) =>
        Object.fromEntries(
            Object.entries(accounts).map(([name, account]) => [
                name,
                isObject(account) && typeof account.password === "string"
                    ? { ...account, password: secret(account.password) }
                    : account,
            ]),
        ),
    );
}

/** The object with its part at `path` changed; as it is where it has no such part. */
function at(
    value: Properties,
    path: readonly string[],
    change: (part: Properties) => Properties,
): Properties {
    const [key, ...rest] = path;
    if (key === undefined) return change(value);
    const inner = value[key];
    return isObject(inner) ? { ...value, [key]: at(inner, rest, change) } : value;
}
