// biome-ignore lint/suspicious/noExplicitAny: a manifest is changed at will
export type Loose = any;

interface Module {
    readonly image: string;
    readonly options?: object;
    readonly env?: Record<string, { value: unknown }>;
    readonly [member: string]: unknown;
}

/** A whole manifest in the form that the public tutorials have, of these modules and routes. */
function whole(modules: Record<string, Module>, routes: Record<string, unknown>, changes: Loose = {}): Loose {
    const { credentials = {}, registry = "mcr.microsoft.com", ...twins } = changes;
    const runtime = (part: string) => `${registry}/azureiotedge-${part}:1.5`;
    return {
        modulesContent: {
            $edgeAgent: {
                "properties.desired": {
                    schemaVersion: "1.1",
                    runtime: {
                        type: "docker",
                        settings: {
                            minDockerVersion: "v1.25",
                            loggingOptions: "",
                            registryCredentials: credentials,
                        },
                    },
                    systemModules: {
                        edgeAgent: {
                            type: "docker",
                            settings: { image: runtime("agent"), createOptions: "{}" },
                        },
                        edgeHub: {
                            type: "docker",
                            status: "running",
                            restartPolicy: "always",
                            settings: {
                                image: runtime("hub"),
                                createOptions: JSON.stringify({
                                    HostConfig: {
                                        PortBindings: {
                                            "5671/tcp": [{ HostPort: "5671" }],
                                            "8883/tcp": [{ HostPort: "8883" }],
                                            "443/tcp": [{ HostPort: "443" }],
                                        },
                                    },
                                }),
                            },
                        },
                    },
                    modules: Object.fromEntries(
                        Object.entries(modules).map(([name, { image, options = {}, ...rest }]) => [
                            name,
                            {
                                version: "1.0",
                                type: "docker",
                                status: "running",
                                restartPolicy: "always",
                                settings: { image, createOptions: JSON.stringify(options) },
                                ...rest,
                            },
                        ]),
                    ),
                },
            },
            $edgeHub: {
                "properties.desired": {
                    schemaVersion: "1.1",
                    routes,
                    storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
                },
            },
            ...twins,
        },
    };
}

const port = (number: string) => ({ [`${number}/tcp`]: [{ HostPort: number }] });
const account = { address: "team.azurecr.io", username: "team", password: "x" };

/** Manifests in the shapes of what people publish: tutorials of sensors, vision, storage, nested edge, layers. */
export const bases = {
    sensor: () =>
        whole(
            {
                SimulatedTemperatureSensor: {
                    image: "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.5",
                },
            },
            { upstream: "FROM /messages/* INTO $upstream" },
            { SimulatedTemperatureSensor: { "properties.desired": { SendData: true, SendInterval: 5 } } },
        ),
    vision: () =>
        whole(
            {
                classifier: { image: "team.azurecr.io/classifier:0.0.5-arm32v7" },
                "camera-capture": {
                    image: "team.azurecr.io/cameracapture:0.2.9",
                    env: {
                        VIDEO_PATH: { value: "/dev/video0" },
                        IMAGE_PROCESSING_ENDPOINT: { value: "http://classifier/image" },
                        RESIZE_WIDTH: { value: 256 },
                        VERBOSE: { value: true },
                    },
                    options: {
                        HostConfig: {
                            Binds: ["/tmp/.X11-unix:/tmp/.X11-unix"],
                            Devices: [
                                {
                                    PathOnHost: "/dev/video0",
                                    PathInContainer: "/dev/video0",
                                    CgroupPermissions: "mrw",
                                },
                            ],
                        },
                    },
                },
            },
            { cameraToHub: "FROM /messages/modules/camera-capture/outputs/output1 INTO $upstream" },
            { credentials: { team: account } },
        ),
    deepstream: () =>
        whole(
            {
                NVIDIADeepStreamSDK: {
                    image: "marketplace.azurecr.io/nvidia/deepstream-iot2:latest",
                    env: { DISPLAY: { value: ":0" } },
                    options: {
                        ExposedPorts: { "8554/tcp": {} },
                        Entrypoint: ["/usr/bin/deepstream-test5-app", "-c", "config.txt"],
                        HostConfig: {
                            Runtime: "nvidia",
                            NetworkMode: "host",
                            Binds: ["/data:/data/", "/tmp/.X11-unix/:/tmp/.X11-unix/"],
                            IpcMode: "host",
                        },
                        NetworkingConfig: { EndpointsConfig: { host: {} } },
                        WorkingDir: "/opt/configs",
                    },
                },
            },
            { all: "FROM /messages/modules/NVIDIADeepStreamSDK/outputs/* INTO $upstream" },
        ),
    nested: () =>
        whole(
            {
                sensor: { image: "$upstream:443/azureiotedge-simulated-temperature-sensor:1.0" },
            },
            { toParent: "FROM /messages/* INTO $upstream" },
            { registry: "$upstream:443" },
        ),
    sql: () =>
        whole(
            {
                AzureSQLEdge: {
                    image: "mcr.microsoft.com/azure-sql-edge:latest",
                    env: {
                        ACCEPT_EULA: { value: "Y" },
                        MSSQL_SA_PASSWORD: { value: "x" },
                        MSSQL_LCID: { value: "1033" },
                    },
                    options: {
                        HostConfig: {
                            CapAdd: ["SYS_PTRACE"],
                            Binds: ["sqlvolume:/var/opt/mssql"],
                            PortBindings: { "1433/tcp": [{ HostPort: "1433" }] },
                            Mounts: [{ Type: "volume", Source: "logs", Target: "/var/log" }],
                        },
                        User: "root",
                    },
                },
            },
            { all: "FROM /messages/modules/AzureSQLEdge/outputs/* INTO $upstream" },
        ),
    blob: () =>
        whole(
            {
                azureblobstorage: {
                    image: "mcr.microsoft.com/azure-blob-storage:latest",
                    env: { LOCAL_STORAGE_ACCOUNT_NAME: { value: "local" } },
                    options: {
                        HostConfig: { Binds: ["/srv/containerdata:/blobroot"], PortBindings: port("11002") },
                    },
                },
            },
            { none: "FROM /messages/modules/azureblobstorage/* INTO $upstream" },
            {
                azureblobstorage: {
                    "properties.desired": {
                        deviceAutoDeleteProperties: { deleteOn: true, deleteAfterMinutes: 5 },
                    },
                },
            },
        ),
    opc: () =>
        whole(
            {
                OPCPublisher: {
                    image: "mcr.microsoft.com/iotedge/opc-publisher:2.9",
                    options: {
                        Hostname: "opcpublisher",
                        Cmd: ["--pf=/appdata/publishednodes.json", "--aa"],
                        HostConfig: { Binds: ["/iiotedge:/appdata"], CapDrop: ["CHOWN", "SETUID"] },
                    },
                },
                OPCPlc: {
                    image: "mcr.microsoft.com/iotedge/opc-plc:latest",
                    options: { HostConfig: { PortBindings: port("50000"), ExtraHosts: ["plc:10.0.0.4"] } },
                },
            },
            { publisher: { route: "FROM /messages/modules/OPCPublisher/* INTO $upstream", priority: 0 } },
        ),
    analytics: () =>
        whole(
            {
                tempSensor: { image: "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.0" },
                ASA: { image: "mcr.microsoft.com/azure-stream-analytics/azureiotedge:1.0.14-linux-amd64" },
            },
            {
                sensorToAsa:
                    'FROM /messages/modules/tempSensor/* INTO BrokeredEndpoint("/modules/ASA/inputs/temperature")',
                alertsToCloud: "FROM /messages/modules/ASA/* INTO $upstream",
                alertsToReset:
                    'FROM /messages/modules/ASA/* INTO BrokeredEndpoint("/modules/tempSensor/inputs/control")',
            },
            { ASA: { "properties.desired": { ASAJobInfo: "https://jobs.example/job?x=1" } } },
        ),
    layer: (): Loose => ({
        modulesContent: {
            $edgeAgent: {
                "properties.desired.modules.filter": {
                    settings: {
                        image: "team.azurecr.io/filter:1.2",
                        createOptions: '{"HostConfig":{"Binds":["/a:/b"]}}',
                    },
                    type: "docker",
                    status: "running",
                    restartPolicy: "always",
                    version: "1.0",
                },
            },
            $edgeHub: {
                "properties.desired.routes.filter": "FROM /messages/modules/filter/* INTO $upstream",
            },
            filter: { "properties.desired.limits": { high: 30 } },
        },
    }),
};

/** The name of a shape. */
export type Base = keyof typeof bases;
