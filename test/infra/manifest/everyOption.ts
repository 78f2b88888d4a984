import type { PlannedManifestOptions } from "../../../infra/manifest/manifestOptions";

/** Settings in which every option is used. */
export const everyOption: PlannedManifestOptions<string> = {
    deploy: true,
    hostPort: 8080,
    runtimeVersion: "1.6.5",
    moduleEnv: { LOG_LEVEL: "debug", THREADS: 2, ALLOW_PRIVATE_URLS: true },
    moduleSecrets: { API_KEY: "hunter2" },
    restartPolicy: "on-failure",
    imagePullPolicy: "never",
    startupOrder: 10,
    memoryLimitMb: 512,
    cpuLimit: 1.5,
    moduleTwin: { threshold: 0.8, labels: { ripe: ["banana", "mango"] } },
    logMaxSize: "5m",
    logMaxFiles: 2,
    hostStorage: "/var/lib/edge-storage",
    routes: {
        upstream: "FROM /messages/* INTO $upstream",
        frames: {
            route: 'FROM /messages/modules/camera/outputs/frames INTO BrokeredEndpoint("/modules/ImageClassifier/inputs/image")',
            priority: 0,
            timeToLiveSecs: 60,
        },
    },
    timeToLiveSecs: 86_400,
    upstreamProtocol: "MqttWs",
    proxy: "http://proxy.example:3128",
    gateway: true,
    extraModules: {
        camera: {
            image: "registry.example/camera:2.1",
            version: "2.1",
            status: "stopped",
            restartPolicy: "never",
            imagePullPolicy: "on-create",
            startupOrder: 1,
            env: { FRAMES_PER_SECOND: 5 },
            createOptions: { HostConfig: { Devices: [{ PathOnHost: "/dev/video0" }], Memory: 67_108_864 } },
            desired: { interval: 5 },
        },
    },
    extraRegistries: {
        shared: { address: "registry.example", username: "puller", password: "hunter2" },
    },
};
