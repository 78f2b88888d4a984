import * as iotedge from "@pulumi/iotedge";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const place = { hubId: config.require("hubId"), deviceId: config.require("deviceId") };

const device = new iotedge.Device("device", place);

new iotedge.Deployment(
    "deployment",
    {
        ...place,
        manifest: {
            modulesContent: {
                $edgeAgent: {
                    "properties.desired": {
                        schemaVersion: "1.1",
                        runtime: { type: "docker", settings: {} },
                        systemModules: {
                            edgeAgent: {
                                type: "docker",
                                settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.8" },
                            },
                            edgeHub: {
                                type: "docker",
                                status: "running",
                                restartPolicy: "always",
                                settings: { image: "mcr.microsoft.com/azureiotedge-hub:1.6.8" },
                            },
                        },
                        modules: {
                            classifier: {
                                type: "docker",
                                status: "running",
                                restartPolicy: "always",
                                settings: { image: config.require("image") },
                            },
                        },
                    },
                },
                $edgeHub: {
                    "properties.desired": {
                        schemaVersion: "1.1",
                        routes: { upstream: "FROM /messages/* INTO $upstream" },
                        storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
                    },
                },
            },
        },
    },
    { dependsOn: device },
);

export const hubHostName = device.hubHostName;
export const connectionString = device.connectionString;
