/** The parts of an IoT Hub service connection string: host name, shared access policy and its base64 key. */
export interface HubCredential {
    readonly hostName: string;
    readonly keyName: string;
    readonly key: string;
}

/** How a hub is reached: with a policy's key, or, where only its host name is given, as whoever deploys, by Entra. */
export type HubAccess = HubCredential | { readonly hostName: string; readonly key?: undefined };

/**
 * Takes a service connection string apart; a bare `HostName=…` means Entra. Throws without quoting it, because it may
 * hold a key.
 */
export function parseConnectionString(connectionString: string): HubAccess {
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
    if (hostName && parts.size === 1) return { hostName };
    throw new Error(
        "Expected a hub connection string of the form HostName=…;SharedAccessKeyName=…;SharedAccessKey=… " +
            `or HostName=… alone for Entra, found the parts ${[...parts.keys()].join(", ") || "none"}.`,
    );
}

/** The connection string a device uses, as the portal shows it. */
export function deviceConnectionString(hostName: string, deviceId: string, key: string): string {
    return `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key}`;
}
