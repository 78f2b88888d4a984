/** The parts of an IoT Hub service connection string: host name, shared access policy and its base64 key. */
export interface HubCredential {
    readonly hostName: string;
    readonly keyName: string;
    readonly key: string;
}

/** Takes a service connection string apart; throws without quoting it, because it holds a key. */
export function parseConnectionString(connectionString: string): HubCredential {
    const parts = new Map(
        connectionString.split(";").map((part): [string, string] => {
            const equals = part.indexOf("=");
            return [part.slice(0, equals), part.slice(equals + 1)];
        }),
    );
    const hostName = parts.get("HostName");
    const keyName = parts.get("SharedAccessKeyName");
    const key = parts.get("SharedAccessKey");
    if (!hostName || !keyName || !key) {
        throw new Error(
            "Expected a hub connection string of the form HostName=…;SharedAccessKeyName=…;SharedAccessKey=…, " +
                `found the parts ${[...parts.keys()].join(", ") || "none"}.`,
        );
    }
    return { hostName, keyName, key };
}

/** The connection string a device uses, as the portal shows it. */
export function deviceConnectionString(hostName: string, deviceId: string, key: string): string {
    return `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key}`;
}
