/** What a service connection string holds: a host name, and the name and the base64 key of a shared access policy. */
export interface PolicyKey {
    readonly hostName: string;
    readonly keyName: string;
    readonly key: string;
}

/** Takes a service connection string apart. Throws without quoting it, because it may hold a key. */
export function parseConnectionString(connectionString: string, name = "a connection string"): PolicyKey {
    const parts = new Map(
        connectionString.split(";").map((part): [string, string] => {
            const equals = part.indexOf("=");
            return [part.slice(0, equals), part.slice(equals + 1)];
        }),
    );
    const hostName = parts.get("HostName");
    const keyName = parts.get("SharedAccessKeyName");
    const key = parts.get("SharedAccessKey");
    if (hostName && keyName && key) return { hostName, keyName, key };
    throw new Error(
        `Expected ${name} to be of the form HostName=…;SharedAccessKeyName=…;SharedAccessKey=…, ` +
            `found the parts ${[...parts.keys()].filter(Boolean).join(", ") || "none"}. ` +
            "Copy it from the portal: Shared access policies, a policy, Primary connection string.",
    );
}

/** The connection string with which a device proves itself by its key, as the portal shows it. */
export function deviceConnectionString(hostName: string, deviceId: string, key: string): string {
    return `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key}`;
}
