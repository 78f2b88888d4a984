import pulumi
import pulumi_iotedge as iotedge

config = pulumi.Config()
place = {"hub_id": config.require("hubId"), "device_id": config.require("deviceId")}

device = iotedge.Device("device", **place)

iotedge.Deployment(
    "deployment",
    **place,
    manifest={
        "modulesContent": {
            "$edgeAgent": {
                "properties.desired": {
                    "schemaVersion": "1.1",
                    "runtime": {"type": "docker", "settings": {}},
                    "systemModules": {
                        "edgeAgent": {
                            "type": "docker",
                            "settings": {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.8"},
                        },
                        "edgeHub": {
                            "type": "docker",
                            "status": "running",
                            "restartPolicy": "always",
                            "settings": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.8"},
                        },
                    },
                    "modules": {
                        "classifier": {
                            "type": "docker",
                            "status": "running",
                            "restartPolicy": "always",
                            "settings": {"image": config.require("image")},
                        },
                    },
                },
            },
            "$edgeHub": {
                "properties.desired": {
                    "schemaVersion": "1.1",
                    "routes": {"upstream": "FROM /messages/* INTO $upstream"},
                    "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
                },
            },
        },
    },
    opts=pulumi.ResourceOptions(depends_on=device),
)

pulumi.export("hubHostName", device.hub_host_name)
pulumi.export("connectionString", device.connection_string)
