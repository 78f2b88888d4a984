import { Agent } from "node:https";
import { Registry, Client as ServiceClient } from "azure-iothub";
import { startTestHub, type TestHub } from "../testHub";

/**
 * The hub that the suite talks to through the unmodified clients: the one of IOTHUB_CONNECTION_STRING (a policy with all
 * rights, as `iothubowner`), or a local one where the variable is not set.
 */
export interface HubUnderTest {
    hostName: string;
    registry: Registry;
    service: ServiceClient;
    /** What a device client needs to trust the hub; nothing for a real one. */
    trust: { ca?: string };
    /** Present for a local hub alone. */
    local?: TestHub;
    close(): Promise<void>;
}

export async function hubUnderTest(): Promise<HubUnderTest> {
    const real = process.env.IOTHUB_CONNECTION_STRING;
    if (real) {
        const [, hostName = ""] = /HostName=([^;]+)/.exec(real) ?? [];
        return { hostName, ...clientsOf(real), trust: {}, close: async () => {} };
    }
    const local = await startTestHub({ queryLag: 0 });
    const { hostName, policies } = local.description;
    const [policy] = policies;
    const ca = local.certificates.caPem;
    // The service client has no option for a port: its connection string names the bare host, and its agent the port.
    const agent = new Agent({ ca });
    Object.assign(agent, { defaultPort: local.description.port });
    const clients = clientsOf(
        `HostName=localhost;SharedAccessKeyName=${policy?.keyName};SharedAccessKey=${policy?.primaryKey}`,
    );
    for (const client of Object.values(clients)) {
        const { _restApiClient } = client as unknown as { _restApiClient: { setOptions(to: object): void } };
        _restApiClient.setOptions({ http: { agent } });
    }
    return { hostName, ...clients, trust: { ca }, local, close: local.close };
}

function clientsOf(connectionString: string) {
    return {
        registry: Registry.fromConnectionString(connectionString),
        service: ServiceClient.fromConnectionString(connectionString),
    };
}
